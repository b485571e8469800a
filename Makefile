# Each target makes the environment it needs from a bare Python with pip.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test check bench soak eval-live lock clean

$(VENV)/ready: pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m pip check
	touch $@

demo: $(VENV)/ready  ## a sample CRM and a Slack of its own in the browser, with a guided tour
	$(BIN)/dealcoach demo

test: $(VENV)/ready  ## the test suite, on every core and one more, since tests wait for servers
	$(BIN)/pytest --numprocesses $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )) --dist loadfile

check: $(VENV)/ready  ## style, types and the layers of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/ready  ## speed and memory, as ratios in one run
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench.segments --cases 30 --nulls 60
	$(BIN)/python -m tests.bench.models --times
	$(BIN)/python -m tests.bench.closing 7
	$(BIN)/python -m tests.bench.watch 100
	$(BIN)/python -m tests.bench.words
	$(BIN)/python -m tests.bench.checker
	$(BIN)/python -m tests.bench.first_contact
	$(BIN)/python -m tests.bench.routing

soak: $(VENV)/ready  ## crashes on both databases and the search of the protocol, longer
	$(BIN)/python -m tests.crash_delivery --alerts 3000 --kills 500 --seed 7
	$(BIN)/python -m tests.test_outbox_protocol 1000

eval-live: $(VENV)/ready  ## a real model's figures: make eval-live BASE_URL=http://127.0.0.1:11434/v1 MODEL=qwen3:8b
	$(BIN)/python -m tests.bench.live --base-url $(BASE_URL) --model $(MODEL)

lock:  ## pin every dependency by hash, without addresses
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --upgrade --quiet --output-file requirements.lock

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
