# Everything a developer types. Each target makes .venv if it is missing, and is quick when it is there.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

# Two threads of BLAS for each of several processes are slower than one, and make timings wander.
export OMP_NUM_THREADS ?= 1

.PHONY: help demo test verify coverage fuzz lint format types bench browser gradescope-box constraints clean

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

# torch comes from wherever pip is told to look: see "Install" in README.md for the small CPU build.
$(INSTALLED): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt setuptools
	$(BIN)/python -m pip install --quiet --no-build-isolation -c constraints.txt -e ".[dev]"
	@touch $@

demo: $(INSTALLED) ## build, hand out and grade logistic regression: a right, a wrong and a hostile notebook
	$(BIN)/python demo/run.py

test: $(INSTALLED) ## the tests, in two processes; TESTS="tests/cli -k grade" for some of them, in one
	$(BIN)/python -m pytest $(or $(TESTS),-n 2 --dist loadfile)

verify: $(INSTALLED) ## every topic proves its own grader, in the sandbox too; VERIFY="--seeds 50 --mutants" for more
	$(BIN)/chainrule verify --all --quiet $(VERIFY)

coverage: $(INSTALLED) ## the tests, and what they did not reach
	$(BIN)/python -m pytest --cov --cov-report=term-missing $(TESTS)

fuzz: $(INSTALLED) ## what hostile bytes do to the grader: for an hour, or SECONDS=60
	CHAINRULE_FUZZ_S=$(or $(SECONDS),3600) $(BIN)/python -m pytest tests/grading/test_fuzz.py tests/submission/test_values.py

lint: $(INSTALLED) ## ruff, formatting, and the rows of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo

format: $(INSTALLED) ## let ruff mend and lay out the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(INSTALLED) ## mypy, strict
	$(BIN)/mypy

bench: $(INSTALLED) ## how long things take on this machine, beside otter; BENCH=--quick for a class of 10
	$(BIN)/python benchmarks/command_line.py
	$(BIN)/python benchmarks/grading.py $(BENCH)
	$(BIN)/python benchmarks/gradescope.py
	$(BIN)/python benchmarks/classes.py $(BENCH)

browser: $(INSTALLED) ## the student package in JupyterLab, in an environment of its own (kept in build/); needs chromium
	CHAINRULE_BROWSER=build/browser $(BIN)/python -m pytest tests/browser -p no:randomly

gradescope-box: $(INSTALLED) ## the Gradescope zip in a bare Debian, on four submissions; needs root and debootstrap
	$(BIN)/python box/box.py $(BOX)

constraints: $(INSTALLED) ## write constraints.txt anew from .venv
	sed -n '/^#/p' constraints.txt > constraints.new
	$(BIN)/python -m pip freeze --all --exclude-editable --exclude pip | sed 's/+cpu$$//' >> constraints.new
	mv constraints.new constraints.txt
	touch $(INSTALLED)

clean: ## remove what was made, except .venv and the course secret
	rm -rf dist build demo/out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage .coverage.* *.egg-info
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
