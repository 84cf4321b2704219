# One door to everything. Needs Python 3.11 or newer and make; all else is installed, locked by hash, into .venv.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TEST ?= tests
# Most tests wait for what they have started, so more at once than there are cores are sooner done.
JOBS ?= $(if $(filter tests,$(TEST)),3,0)
# pytest would name an option of its own that nobody has written.
JOBS_HOLD = @case "$(JOBS)" in auto|logical) ;; ''|*[!0-9]*) \
	echo "make: JOBS: found '$(JOBS)'; write how many tests run at once, such as 3, or auto" >&2; exit 2;; esac
# Everything but the image, which has a command of its own.
PYTEST = $(BIN)/python -m pytest $(TEST) --numprocesses=$(JOBS) --dist=worksteal --durations=15 $(if $(filter tests,$(TEST)),--ignore=tests/container)
# A release that was taken over is mostly found out within days: none is locked before it is a week old.
COOLDOWN ?= 7 days
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	--exclude-newer "$(COOLDOWN)" --upgrade pyproject.toml
# The lock names all that is needed: nothing is looked up beside it. (pip before 23.3 forgets the locked version of what is
# also asked for with an extra, such as coverage[toml], and then refuses the newest one for want of a hash.)
PIP = $(BIN)/python -m pip --disable-pip-version-check
INSTALL = $(PIP) install --quiet --no-deps

FILE ?= edge.toml
SCENARIO ?= raid
WORKERS ?= 1
BASE ?= HEAD
FUZZ_SECONDS ?= 30
FUZZ_FORMS ?= 1000000
EXAMPLES ?= 1000

.NOTPARALLEL:
.PHONY: demo run check fix test coverage test-image flood floods bench bench-smoke fuzz fuzz-sanitized torture audit image docs figures plans clean lock help

help:  ## say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "make %-14s %s\n", $$1, $$2}'

demo: $(VENV)/demo  ## see the number at work: a person, a troll, the bill; then a raid and its report
	@$(BIN)/python -m edge demo
	@$(BIN)/python -m loadtest raid || test $$? = 4  # 4: this machine was too busy to judge, and the verdict says so

run: $(VENV)/demo  ## serve the example, or FILE=another.toml, until Ctrl-C, and print a curl line that works
	@$(BIN)/python -m loadtest.byhand "$(FILE)"

check: $(VENV)/dev  ## lint, types, imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/dev  ## let the linter mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: $(VENV)/dev  ## all tests; or some: make test TEST=tests/core
	$(JOBS_HOLD)
	$(PYTEST)

coverage: $(VENV)/dev  ## all tests, and whether they reach every branch of the worker (half as long again)
	$(JOBS_HOLD)
	$(PYTEST) --cov=edge --cov-report=term-missing:skip-covered

test-image: $(VENV)/dev  ## build the image and try it (some minutes; needs buildah, mmdebstrap and bubblewrap)
	$(BIN)/python -m pytest tests/container -q --timeout=1200

flood: $(VENV)/demo  ## flood a worker of its own: make flood SCENARIO=sybil WORKERS=2
	@$(BIN)/python -m loadtest $(SCENARIO) --workers $(WORKERS)

floods: $(VENV)/demo  ## the floods that continuous integration plays, with their verdicts
	@for scenario in one-troll raid spend-race forged replay; do \
	$(BIN)/python -m loadtest $$scenario --workers 2 || test $$? = 4 || exit; done

bench: $(VENV)/dev  ## compare whole servers, time each step, fill the page (an hour on a machine left alone)
	@$(BIN)/python -m bench

bench-smoke: $(VENV)/dev  ## whether our own share of a message is larger than in BASE, and that every benchmark runs (some five minutes)
	@$(BIN)/python -m bench.regress --base $(BASE)
	@mkdir -p var
	@$(BIN)/python -m bench.steps --seconds 0.05 --raw var/micro.json --out var/steps.json
	@$(BIN)/python -m bench.growth --rounds 1 --seconds 1 --senders 1000 --connections 1 32 --at-once 1 32 --out var/growth.json
	@$(BIN)/python -m bench.cost --rounds 1 --seconds 1 --senders 1000 --out var/cost.json

fuzz: $(VENV)/dev  ## hunt for inputs that break a parser or the application: make fuzz FUZZ_SECONDS=600
	@case "$(FUZZ_SECONDS)" in ''|*[!0-9]*) \
	echo "make: FUZZ_SECONDS: found '$(FUZZ_SECONDS)'; write how many seconds each target is hunted, such as 600" >&2; exit 2;; esac
	@FUZZ_SECONDS=$(FUZZ_SECONDS) $(BIN)/python -m pytest tests/fuzz --no-header -q -s --timeout=0

fuzz-sanitized: $(VENV)/dev  ## read forms with what is compiled, under sanitizers, and compare: make fuzz-sanitized FUZZ_FORMS=10000000
	@$(BIN)/python -m tests.fuzz.sanitized $(FUZZ_FORMS)

torture: $(VENV)/dev  ## run all that shows a promise for longer, and fill docs/reference/promises.md: make torture EXAMPLES=10000
	@EXAMPLES=$(EXAMPLES) $(BIN)/python -m tests.torture
	@$(BIN)/python -m docs.make

audit: $(VENV)/dev  ## ask PyPI whether a locked dependency has a known weakness; what cannot be asked about is a failure
	@$(BIN)/uv tool run pip-audit==2.10.1 --strict --disable-pip --require-hashes $(addprefix -r ,$(wildcard requirements/*.txt))

image: $(VENV)/demo  ## build the container with docker, podman or buildah
	@PYTHON=$(BIN)/python deploy/image

docs: $(VENV)/dev  ## make the tables and the picture that the pages take from the code
	@$(BIN)/python -m docs.make

figures: $(VENV)/dev  ## measure what the pages say of floods, and write it there; twenty minutes
	@$(BIN)/python -m docs.figures

lock: $(VENV)/dev  ## bring the locked dependencies up to date
	@$(LOCK) --extra valkey --extra alert -o requirements/run.txt
	@$(LOCK) --extra demo -o requirements/demo.txt
	@$(LOCK) --extra dev -o requirements/dev.txt

plans: $(VENV)/dev  ## make the table of what numbers people can have anew, from the locked numbering plans
	@$(BIN)/python -m tools.plans

clean:  ## remove all that was built and measured; a ledger, its key and the sums beside it stay, for money is counted there
	rm -rf $(VENV) .coverage* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks build dist var edge/compiled/*.so
	find . -name __pycache__ -prune -exec rm -rf {} +

# `unfinished` marks an environment whose making was interrupted: it is made anew, and so is one without a pip that works.
# The worker's forms are compiled with it, where that is possible (tools/compile.py); its version says whether they were.
$(VENV)/demo $(VENV)/dev: $(VENV)/%: requirements/%.txt pyproject.toml $(wildcard edge/compiled/*.c tools/compile.py)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "make: $(PYTHON) is too old or missing; Python 3.11 or newer is needed: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	{ echo "make: $(PYTHON) cannot make a virtual environment; install python3-venv (Debian, Ubuntu: apt install python3-venv)" >&2; exit 2; }
	@test ! -e $(VENV)/unfinished && $(PIP) --version >/dev/null 2>&1 || \
	{ echo "making $(VENV)"; $(PYTHON) -m venv --clear $(VENV); }
	@touch $(VENV)/unfinished
	@echo "installing requirements/$*.txt"
	@$(INSTALL) --require-hashes -r requirements/$*.txt
	@$(INSTALL) --no-build-isolation --editable .
	@$(PIP) check
	@test ! -x $(BIN)/antirelou || $(BIN)/antirelou --version
	@rm $(VENV)/unfinished
	@touch $@
