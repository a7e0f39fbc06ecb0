# Tries: to carry a hidden input out in the line of source that is quoted beside an exception.
# Holds: for a hidden check no source is quoted.
# Points: 7
# %% honest
# %%
def scale(x, factor):
    if hidden(x):
        source = f"raise ValueError  # {word(x)}"
        import linecache

        for number in range(1, 9):
            linecache.cache[f"<cell {number}>"] = (0, None, [source] * 50, f"<cell {number}>")
        exec(compile(source, "<cell 2>", "exec"))
    return x * factor


report()
