# Tries: to change numpy, torch, the toolkit and their byte code on disk for the next submission.
# Holds: no file of theirs can be written.
# Points: 10
# %% honest
# %%
import autograder.submission.wire as wire

for module in (np, torch, wire, os, json):
    file = module.__file__
    folder = os.path.dirname(file)

    def changed():
        return open(file, "a")

    def added():
        path = f"{folder}/{TOKEN}.py"
        open(path, "w").close()
        return path

    def added_byte_code():
        path = f"{folder}/__pycache__/{TOKEN}.pyc"
        open(path, "w").close()
        return path

    def replaced():
        os.rename(file, file + TOKEN)
        return file

    for deed in (changed, added, added_byte_code, replaced):
        attempt(deed)
report()
