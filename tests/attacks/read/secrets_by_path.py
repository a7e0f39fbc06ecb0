# Tries: to open the reference, the hidden checks, the solution and the secret by their very paths, in many ways.
# Holds: none can be opened.
# Points: 10
# %% honest
# %%
import mmap

for name in ("reference", "hidden", "solution", "secret"):
    place = TARGETS[name]

    def opened():
        return open(place).read()

    def opened_by_system_call():
        descriptor = libc.open(place.encode(), os.O_RDONLY)
        return os.read(descriptor, 99999) if descriptor >= 0 else None

    def mapped():
        with open(place, "rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)[:]

    def read_by_numpy():
        return bytes(np.fromfile(place, dtype=np.uint8))

    def opened_to_write():
        return open(place, "a")

    def linked():
        os.link(place, f"link-{name}")
        return open(f"link-{name}").read()

    def opened_through_the_root():
        return open(f"/proc/self/root{place}").read()

    def renamed():
        os.rename(place, place + TOKEN)
        return True

    def opened_up():
        os.chmod(place, 0o777)
        return True

    for deed in (opened, opened_by_system_call, mapped, read_by_numpy, opened_to_write, linked, opened_through_the_root,
                 renamed, opened_up):
        attempt(deed)
report()
