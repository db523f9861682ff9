# Everything a fresh Debian machine with Go needs, as root:
#   make test    install what the tests need, then run them all
# A quick loop without servers: go test ./internal/...

SHELL := /bin/bash
export CGO_ENABLED ?= 1

.PHONY: test growth quick deps build bench fuzz lint picture differential

# gin alone would bring a codec for msgpack, 6 MB of it, that nothing here calls.
# Nor is what is not hurried copied into whoever calls it: each element of a page would
# be a function of its own, with the whole of how elements are written in it. VERSION=
# is what the binary says of itself, OUT= where it goes.
VERSION ?=
OUT ?= gatehold
UNHURRIED := maragu.dev/gomponents cel.dev google.golang.org/protobuf github.com/antlr4-go/antlr/v4 github.com/go-webauthn \
  github.com/fxamacker/cbor/v2 github.com/google github.com/golang-jwt/jwt/v5 github.com/slack-go/slack \
  github.com/wneessen/go-mail github.com/prometheus github.com/yuin/goldmark \
  github.com/gin-gonic/gin github.com/go-playground github.com/go-viper/mapstructure/v2 github.com/redis/go-redis/v9 \
  github.com/alecthomas/chroma/v2 github.com/dlclark/regexp2/v2 github.com/vektah/gqlparser/v2 github.com/spf13 golang.org/x/text \
  $(addprefix github.com/gatehold/gatehold/internal/,board cli config fakehub gitrange hub markup notify passkey rulesets starter \
    suggest testworld usecase web)
build:
	CGO_ENABLED=0 go build -tags nomsgpack -trimpath $(UNHURRIED:%='-gcflags=%/...=-l') \
	  -ldflags "-s -w -X github.com/gatehold/gatehold/internal/cli.version=$(VERSION)" -o $(OUT) ./cmd/gatehold

# SQLite is C turned into Go, whose locks are its own; what a regular expression
# reads while it matches is its own as well, and so are the documents that the fake
# GitHub holds against GitHub's description, what is read of YAML, HCL, shell, GraphQL
# and Go, and the digits of keys. To watch each of their reads for races takes several
# times as long and finds nothing of ours. Nothing is named here by whose atomics others
# are ordered: the detector would not see that. Nor is each pointer checked that SQLite
# makes of its own memory. Nobody debugs these binaries: without DWARF they link in two
# thirds of the time. In the environment, because some tests build the product, and so
# that what lint compiles is what the tests are made of.
test: export GOFLAGS := -race -ldflags=-w $(foreach pkg,modernc.org/sqlite/lib modernc.org/libc regexp regexp/syntax \
  crypto/internal/fips140/bigmod github.com/santhosh-tekuri/jsonschema/v6/... \
  github.com/go-json-experiment/json/jsontext github.com/go-json-experiment/json/internal/... go.yaml.in/yaml/v4/... \
  mvdan.cc/sh/v3/syntax github.com/hashicorp/hcl/v2/hclsyntax go/scanner go/parser \
  github.com/vektah/gqlparser/v2/lexer github.com/vektah/gqlparser/v2/parser,\
  '-gcflags=$(pkg)=-race=false -d=checkptr=0') \
  $(foreach pkg,modernc.org/sqlite modernc.org/memory,'-gcflags=$(pkg)=-d=checkptr=0')
# The race detector lets each process wait for a second before it ends. There are
# several hundred of them.
test: export GORACE := atexit_sleep_ms=50
# There is memory enough to look for what can be thrown away half as often.
test: export GOGC := 200
# Thousands of ledgers are written and synced, each for a test alone: in memory, where
# there is room for them.
# What takes longest begins first, so that nothing else has to wait for it in the end.
LONGEST := $(addprefix ./internal/,stories keeper e2e fakehub/site judge)
test: deps
	@export GOTMPDIR="$${TMPDIR:-/tmp}" TMPDIR="$$(testdata/scratch)" && \
	$(MAKE) --no-print-directory lint && go test -tags services -vet=off -parallel 4 -timeout 40m $(LONGEST) ./... && \
	$(MAKE) --no-print-directory growth

# growth runs what measures CPU time and is not built for the race detector: that
# what is read of hostile texts grows with them alone. GROWTH= tries every text.
GROWTH ?= -short
growth: export GOFLAGS :=
growth: export GOGC := 100
growth:
	go test -vet=off $(GROWTH) -run 'Linear|Hostile|Growth|Little' $(addprefix ./,$(sort $(dir $(wildcard internal/*/growth_test.go internal/*/*/growth_test.go))))

quick:
	go test ./internal/... ./rules/...

deps:
	@testdata/deps

lint:
	@test -z "$$(gofmt -l cmd internal rules)" || { echo "not gofmt-clean:"; gofmt -l cmd internal rules; exit 1; }
	go vet -tags services ./...
	@staticcheck=$$(GOFLAGS= go tool -n staticcheck) && set -x && $$staticcheck -tags services ./...

# differential holds what reads SQL, shell and YAML against psql, MariaDB's client, SQLite's
# shell, bash, dash and Python's YAML, which it installs: what they run, or read, of texts
# made at random must be seen. TEXTS and SEED say how many texts, and which.
differential:
	@testdata/deps differential
	TEXTS=$${TEXTS:-4000} TMPDIR=$$(testdata/scratch) go test -vet=off -tags differential -count 1 -v -run 'Runs|Python' $(addprefix ./internal/detect/,sql shell tree)

# picture makes the picture of README.md anew: the page of the demo's hold.
picture: deps
	UPDATE_PICTURE=1 go test -tags services -count 1 -run TestAPasskeyInABrowser ./internal/e2e

bench:
	go test -tags services -run "^$$$$" -bench . -benchmem ./internal/...

# fuzz runs every fuzz target for FUZZTIME.
FUZZTIME ?= 20s
fuzz:
	@set -e; for pkg in $$(go list ./internal/...); do \
	  for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "$$pkg $$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$pkg; \
	  done; done
