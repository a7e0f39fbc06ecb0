# Tries: what makes forks hang: a backward pass, two threads in torch, threads at work while the checks are forked.
# Holds: the checks are answered.
# Points: 10
# %% honest
# %%
torch.set_num_threads(2)
weight = torch.ones(300, 300, requires_grad=True)
(weight @ weight).sum().backward()
until = time.monotonic() + 20


def work():
    while time.monotonic() < until:
        (weight @ weight).sum().backward()
        time.sleep(0.01)


for _ in range(2):
    threading.Thread(target=work, daemon=True).start()
plain = scale


def scale(x, factor):
    torch.set_num_threads(2)
    (torch.ones(200, 200, requires_grad=True) @ torch.ones(200, 200)).sum().backward()
    return plain(x, factor)


report()
