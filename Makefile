# make run        the whole service on this machine (NOW=2027-05-24T23:58 SPEED=60 PORT=8000)
# make rehearse   the event from the first registration to the deletion, in seconds (GUESTS=40 EVENT=<id>)
#                 both take a folder of more events (EVENTS=tests has nine of all kinds)
# make deploy     deploys to AWS and checks before and after (STAGE=prod); see the README. CHANGED=<id>: an
#                 event with registrations is meant to have another day, zone or meals, or no file
# make stack      the same with CloudFormation instead of chalice deploy (STAGE=prod BUCKET=<name of a bucket>)
# make doctor     checks that a deployed stage will work at the event (STAGE=prod)
# make test       the tests, in three minutes
# make soak       the long tests, with other random examples each time (EXAMPLES=300)
# make check      format, lint, types, known vulnerabilities
# make audit      known vulnerabilities of deployed packages and development tools
# make fuzz       random requests, other ones each time (EXAMPLES=300)
# make screenshots      the README's pictures, in docs/images (needs Chromium)
# make costs      the cost of a month, and its calculation; the first table is in the README
# make bench      measures every figure of docs/performance.md, in 20 minutes (ROUNDS=30)
# make bench-quick      fails if the service has become much slower, in three minutes
# make bench-desk       CPU of the desk's pages with 100, 1,000 and 5,000 registrations
# make bench-functions  memory and CPU of each function, and its speed by memory size
# make messages   updates the English catalogue, after a change of texts
# make pages      prerenders pages for cold starts, as make deploy does; before plain chalice deploy
PYTHON ?= python3
PORT ?= 8000
NOW ?=
SPEED ?= 1
GUESTS ?= 40
EVENTS ?=
EVENT ?=
STAGE ?=
BUCKET ?=
CHANGED ?=
EXAMPLES ?= 300
ROUNDS ?= 30
BIN = .venv/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: run rehearse stage deploy stack doctor test soak check audit fuzz format messages pages screenshots costs bench bench-quick bench-functions bench-desk clean
.DEFAULT_GOAL := run

run: .venv/ready
	@$(BIN)/python manage.py run --port "$(PORT)" --now "$(NOW)" --speed "$(SPEED)" --events "$(EVENTS)" \
	  || [ $$? -eq 3 ]  # 3: the port is taken, which manage.py has already printed

rehearse: .venv/ready
	@$(BIN)/python manage.py rehearse --guests "$(GUESTS)" --events "$(EVENTS)" --event "$(EVENT)"

# Nothing is deployed or read by a default stage.
stage:
	@test -n "$(STAGE)" || { echo "Say which stage: make $(MAKECMDGOALS) STAGE=prod"; exit 2; }

deploy: stage .venv/ready
	@$(BIN)/python manage.py doctor --stage "$(STAGE)" --before --fix --changed "$(CHANGED)"
	@$(BIN)/python manage.py provision --stage "$(STAGE)"
	@umask 022 && $(BIN)/python manage.py package --stage "$(STAGE)"
	@umask 022 && PYTHONDONTWRITEBYTECODE=1 AWS_DEFAULT_REGION="$$($(BIN)/python manage.py region)" $(BIN)/chalice deploy --stage "$(STAGE)"
	@$(BIN)/python manage.py finish --stage "$(STAGE)"
	@$(BIN)/python manage.py doctor --stage "$(STAGE)" --wait --changed "$(CHANGED)" \
	  || { echo "It is deployed. What is marked WRONG above is left to do."; exit 1; }

# The same as one stack of CloudFormation: without .chalice/deployed, but with a bucket for the packages.
STACK = .chalice/deployments/stack
stack: stage .venv/ready
	@test -n "$(BUCKET)" || { echo "Say which bucket of S3 holds the packages: make stack STAGE=$(STAGE) BUCKET=name"; exit 2; }
	@command -v aws >/dev/null || { echo "make stack needs AWS's command line: https://aws.amazon.com/cli/"; exit 2; }
	@$(BIN)/python manage.py doctor --stage "$(STAGE)" --before --fix --changed "$(CHANGED)"
	@umask 022 && $(BIN)/python manage.py package --stage "$(STAGE)"
	@umask 022 && PYTHONDONTWRITEBYTECODE=1 AWS_DEFAULT_REGION="$$($(BIN)/python manage.py region)" \
	  $(BIN)/chalice package --stage "$(STAGE)" --merge-template infrastructure.json $(STACK)
	@set -e; parameters="$$($(BIN)/python manage.py parameters --stage "$(STAGE)")"; \
	  export AWS_DEFAULT_REGION="$$($(BIN)/python manage.py region)"; \
	  aws cloudformation package --template-file $(STACK)/sam.json --s3-bucket "$(BUCKET)" \
	    --output-template-file $(STACK)/packaged.yaml >$(STACK)/log; \
	  aws cloudformation deploy --template-file $(STACK)/packaged.yaml --s3-bucket "$(BUCKET)" \
	    --stack-name "dukat-$(STAGE)" --no-fail-on-empty-changeset \
	    --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --parameter-overrides $$parameters
	@$(BIN)/python manage.py finish --stage "$(STAGE)"
	@$(BIN)/python manage.py doctor --stage "$(STAGE)" --wait --changed "$(CHANGED)" \
	  || { echo "It is deployed. What is marked WRONG above is left to do."; exit 1; }

doctor: stage .venv/ready
	@$(BIN)/python manage.py doctor --stage "$(STAGE)"

test: .venv/ready
	$(BIN)/python -m pytest -n auto --dist loadfile

soak: .venv/ready
	EXAMPLES="$(EXAMPLES)" $(BIN)/python -m pytest -n auto --dist loadfile \
	  -m "soak or hypothesis" --hypothesis-profile=fuzz

check: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	@$(BIN)/python -m management.deploy.vulnerabilities

audit: .venv/ready
	@$(BIN)/python -m management.deploy.vulnerabilities

fuzz: .venv/ready
	EXAMPLES="$(EXAMPLES)" $(BIN)/python -m pytest --hypothesis-profile=fuzz \
	  tests/whole/test_fuzz.py tests/whole/test_openapi.py

format: .venv/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Extracts the texts, and updates and compiles the English catalogue. Translate new entries by hand.
messages: .venv/ready
	$(BIN)/pybabel -q extract --omit-header --no-location --sort-output -k N_ \
	  -F chalicelib/translations/babel.cfg -o .venv/messages.pot chalicelib
	$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete -w 96 \
	  --ignore-pot-creation-date -i .venv/messages.pot -d chalicelib/translations -l en
	$(BIN)/pybabel -q compile -d chalicelib/translations --statistics

# Prerenders the usual agenda pages, and the list of several events, into chalicelib/event/kept, for
# cold starts.
pages: .venv/ready
	@$(BIN)/python -c "from management.deploy.kept_pages import keep_in_own_process; keep_in_own_process()"

screenshots: .venv/ready
	@$(BIN)/python manage.py screenshots

costs: .venv/ready
	@$(BIN)/python -m bench.costs

bench: .venv/ready
	@$(BIN)/python -m bench --rounds "$(ROUNDS)"

bench-quick: .venv/ready
	@$(BIN)/python -m bench.quick

bench-desk: .venv/ready
	@$(BIN)/python -m bench.desk

bench-functions: .venv/ready
	@$(BIN)/python -m bench.functions

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .chalice/deployments rehearsal

.venv/ready: requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Dukat needs Python 3.11 or later; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 run")'
	@echo "Preparing .venv, once; on a slow machine this takes five minutes."
	@echo "  1 of 3: the virtual environment"; $(PYTHON) -m venv .venv
	@echo "  2 of 3: what is deployed"; $(INSTALL) -r requirements.txt
	@echo "  3 of 3: the commands and tests, much more"; $(INSTALL) -r requirements-dev.txt
	@touch $@
