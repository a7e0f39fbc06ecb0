# Tries: a background thread that holds the import lock, the logging lock and a lock of stdout, while checks are forked.
# Holds: the checks run into the wall clock, and the submission ends in bounded time.
# Points: 0
# Slow: yes
# %% honest
# %%
import logging

logging.basicConfig()


def hold():
    logging._lock.acquire()
    lock = getattr(sys.stdout, "buffer", None)
    while True:
        logging._lock.acquire()
        time.sleep(0.5)


threading.Thread(target=hold, daemon=True).start()
report()
