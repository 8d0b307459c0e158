PYTHON ?= python3
RUN = .venv/bin/python

.DEFAULT_GOAL := menu
.PHONY: menu setup demo up test lint unit bench load scale simulate mutate chaos recount lock pictures site openapi privacy manifest audit sbom clean

menu: ## this menu
	@echo "Wordrush: live vocabulary quizzes on Firebase"; echo
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: ## install the environment and packages, once; the other targets call it
	@$(PYTHON) devstack/bootstrap.py

demo: setup ## play a whole quiz with ten bots, then serve until Ctrl-C
	@exec $(RUN) -m devstack demo

up: setup ## serve the same stack without session and bots
	@exec $(RUN) -m devstack up

test: setup ## run lint, types, import contracts and every test
	@$(RUN) -m devstack test

lint: setup ## check format, lint, types and import contracts, of Python and of the screens
	@$(RUN) -m devstack lint

unit: setup ## the tests that need no services
	@$(RUN) -m pytest -q tests/unit
	@npm run test --silent -w web

bench: setup ## measure the figures of docs/figures.md; ONLY=scorer for a part; writes bench/results
	@$(RUN) -m bench $(addprefix --only ,$(ONLY))

load: setup ## a load of PLAYERS in SHARDS with WORKERS, WITHIN seconds; writes a report with charts
	@$(RUN) -m bench.load $(if $(PLAYERS),--players $(PLAYERS)) $(if $(SHARDS),--shards $(SHARDS)) $(if $(WORKERS),--workers $(WORKERS)) $(if $(WITHIN),--within $(WITHIN)) $(LOAD)

scale: setup ## simulate up to a million players; compares the model with measured runs
	@$(RUN) -m bench.simulate

simulate: setup ## play SEEDS games on a simulated bus, store and clock, with faults; SEED repeats one
	@$(RUN) -m tests.simulation $(if $(SEEDS),--seeds $(SEEDS)) $(if $(FIRST),--first $(FIRST)) $(if $(SEED),--seed $(SEED)) $(if $(PLAYERS),--players $(PLAYERS)) $(if $(QUESTIONS),--questions $(QUESTIONS)) $(if $(KEEP),--keep $(KEEP))

mutate: setup ## change the heart one place at a time and see that a unit test fails; ONLY=pacer for a part
	@$(RUN) -m tests.mutation $(addprefix --only ,$(ONLY))

chaos: setup ## inject FAULTS while three sessions run on the emulators; about six seconds each
	@$(RUN) -m tests.chaos $(if $(FAULTS),--faults $(FAULTS)) $(if $(SEED),--seed $(SEED))

recount: setup ## count SESSIONS final sessions with workers that are killed, undisturbed first; about seven minutes
	@$(RUN) -m tests.recount $(if $(SESSIONS),--sessions $(SESSIONS)) $(if $(SEED),--seed $(SEED))

lock: setup ## lock the dependencies of pyproject.toml and functions/requirements.in
	@.venv/bin/uv pip compile -q pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements.txt
	@.venv/bin/uv pip compile -q functions/requirements.in -c requirements.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o functions/requirements.txt
	@sed -i.bak '/"resolved": "http/d' package-lock.json && rm package-lock.json.bak

site: setup ## build the screens of PROJECT and their deploy configuration; AUTH_DOMAIN, RECAPTCHA_KEY, LIVE
	@$(RUN) -m devstack site $(PROJECT) $(if $(AUTH_DOMAIN),--auth-domain $(AUTH_DOMAIN)) $(if $(RECAPTCHA_KEY),--recaptcha-key $(RECAPTCHA_KEY)) $(if $(LIVE),--live $(LIVE))

pictures: setup ## photograph the screens for the README, in a real game
	@$(RUN) -m devstack pictures

openapi: setup ## write docs/openapi.json from the app, and the screens' types from it
	@$(RUN) -m devstack.openapi
	@npm run api-types --silent

privacy: setup ## write the data protection sheet docs/privacy.md from docs/privacy.yaml
	@$(RUN) -m devstack.privacy

manifest: setup ## write functions/functions.yaml from functions/main.py
	@$(RUN) -m devstack.manifest

audit: setup ## look for known vulnerabilities in the Python and npm dependencies
	@.venv/bin/pip-audit --require-hashes -r requirements.txt
	@npm audit --omit=dev

sbom: setup ## list the packages of the deployed parts, as CycloneDX: .local/sbom-python.json and .local/sbom-web.json
	@mkdir -p .local
	@.venv/bin/cyclonedx-py requirements functions/requirements.txt --output-reproducible -o .local/sbom-python.json
	@npm sbom --sbom-format cyclonedx --omit dev -w web > .local/sbom-web.json
	@echo ".local/sbom-python.json .local/sbom-web.json"

clean: ## remove the files of setup and of runs
	@rm -rf .venv .local node_modules web/node_modules web/dist functions/venv firebase.run-*.json firebase.site-*.json *-debug.log
