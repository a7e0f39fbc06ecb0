# Tries: to change modules in memory so that the server, and what it forks next, has them too.
# Holds: the next submission starts from the same state as the first.
# Points: 10
# %% honest
# %%
if getattr(np, "spoilt", False) or getattr(torch, "spoilt", False) or hasattr(sys, "spoilt"):
    loot.append("the one before was here")
np.spoilt = torch.spoilt = sys.spoilt = True
np.multiply = np.sum = torch.sum = None
os.environ["SPOILT"] = "1"
report()
