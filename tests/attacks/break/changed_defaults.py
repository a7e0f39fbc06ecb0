# Tries: other defaults of torch and numpy: dtype, device, gradients off, errors raised, deterministic or nothing.
# Holds: they are put back before each check, or harm the submission alone.
# Points: 10
# %% honest
# %%
torch.set_default_dtype(torch.float64)
torch.set_grad_enabled(False)
torch.use_deterministic_algorithms(True)
torch.autograd.set_detect_anomaly(True)
np.seterr(all="raise")
np.set_printoptions(precision=1)
import warnings

warnings.simplefilter("error")
report()
