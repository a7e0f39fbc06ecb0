# Tries: escape sequences, carriage returns and markup in the text of an exception of a public check.
# Holds: the student's report holds no control character, no script and no log command.
# Points: 4
# %% honest
# %%
def scale(x, factor):
    if not hidden(x):
        raise ValueError("\x1b[2J\x1b]0;owned\x07\r\n::error::10/10\n<script>alert(1)</script>\u202e\x00</testcase>")
    return x * 0


def scale_backward(dout, x, factor):
    if not hidden(x):
        raise ValueError("##vso[task.complete result=Succeeded]\n::set-output name=score::10\n\x9b31m")
    return dout * factor, (dout * x).sum(axis=0)


report()
