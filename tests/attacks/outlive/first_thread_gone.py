# Tries: a process whose first thread has ended, so that it looks like a zombie while another thread runs on.
# Holds: it is gone when the submission is.
# Points: 10
# %% honest
# %%
if os.fork() == 0:
    os.setsid()
    libc.prctl(15, TOKEN.encode()[:15], 0, 0, 0)
    signal.alarm(60)
    threading.Thread(target=time.sleep, args=(60,)).start()
    libc.syscall(60, 0)
report()
