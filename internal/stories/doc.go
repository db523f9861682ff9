// Package stories tells what becomes of deployments and workflow runs, in one
// process: keeper, hub, doors and fakehub over real HTTP and a real ledger,
// under a clock that only the test moves, so that thirty days pass in moments.
// Requests and webhooks are held against GitHub's own description. It needs
// what `make test` installs.
package stories
