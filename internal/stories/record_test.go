//go:build services

package stories

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/fakehub/hooks"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/ledgertest/redisserver"
	"github.com/gatehold/gatehold/internal/ledger/redis"
)

// written are the kinds of record that a stream of each kind can hold. What a
// later version writes beside them is kept by the ledger that it records.
var written = map[gate.Kind][]string{
	gate.PullRequest: {"closed", "counted", "failed", "judged", "lapsed", "look", "offered", "queued", "refused", "seen", "told"},
	gate.MergeGroup:  {"closed", "failed", "judged", "seen", "told"},
	gate.Deployment: {"closed", "counted", "failed", "judged", "lapsed", "look", "offered", "refused", "replied", "replying",
		"seen", "told"},
	gate.WorkflowRun: {"closed", "counted", "failed", "halted", "judged", "lapsed", "offered", "refused", "seen", "told"},
	gate.Check:       {"failed", "handed", "news", "painting", "published", "seen"},
	gate.Branch:      {"pushed"},
	gate.Repository:  {"failed", "noticed", "seen", "surveyed"},
	gate.Environment: {"asked", "departed", "freed", "landed", "seen"}, // its step asks nobody
}

// TestALedgerOfEverything plays a story in which every kind of record is
// written, and looks that it was.
//
// With RECORD_LEDGER=NAME it also keeps what came of it, on SQLite and on
// Redis, byte for byte, as testdata/ledger/NAME, where later versions must read
// it. What lies there is never written anew: the records of a version that was
// in use cannot be made by another one.
func TestALedgerOfEverything(t *testing.T) {
	t.Parallel()
	s, server := everything(t)
	seen := map[gate.Kind]map[string]bool{}
	for shard := range ledger.Shards {
		records, _, err := s.log.Tail(t.Context(), shard, 0, 1<<20)
		s.must(err)
		for _, r := range records {
			kind := gate.StreamKind(r.Stream)
			if seen[kind] == nil {
				seen[kind] = map[string]bool{}
			}
			seen[kind][r.Kind] = true
		}
	}
	for kind, want := range written {
		for _, record := range want {
			if !seen[kind][record] {
				t.Errorf("streams of kind %s hold %v, and lack %s", kind, slices.Sorted(maps.Keys(seen[kind])), record)
			}
		}
	}
	s.halt()
	if name := os.Getenv("RECORD_LEDGER"); name != "" && !t.Failed() {
		s.keep(filepath.Join("../../testdata/ledger", name), server)
	}
}

// both is a ledger that is written to two stores, one append at a time so that
// they stay the same, and read from the first.
type both struct {
	ledger.Store
	mu     sync.Mutex
	second ledger.Log
}

func (b *both) Append(ctx context.Context, batch ledger.Batch) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.Store.Append(ctx, batch); err != nil {
		return err
	}
	return b.second.Append(ctx, batch)
}

// keep writes the two stores to a directory that does not exist yet.
func (s *story) keep(dir string, server *redisserver.Server) {
	s.Helper()
	s.must(os.Mkdir(dir, 0o755))
	file, err := os.Open(s.store)
	s.must(err)
	defer file.Close()
	s.zip(filepath.Join(dir, "ledger.db.gz"), func(w io.Writer) error {
		_, err := io.Copy(w, file)
		return err
	})
	s.zip(filepath.Join(dir, "redis.jsonl.gz"), func(w io.Writer) error { return dump(w, server) })
	at, err := s.clock.now().MarshalText()
	s.must(err)
	s.must(os.WriteFile(filepath.Join(dir, "at.txt"), append(at, '\n'), 0o644))
}

func (s *story) zip(path string, write func(io.Writer) error) {
	s.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	s.must(err)
	z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	s.must(err)
	s.must(write(z))
	s.must(z.Close())
	s.must(f.Close())
}

// dump writes the commands that make a Redis as this one is, a line each. All
// that is in it is text.
func dump(w io.Writer, server *redisserver.Server) error {
	options, err := goredis.ParseURL(server.URL())
	if err != nil {
		return err
	}
	client := goredis.NewClient(options)
	defer client.Close()
	ctx := context.Background()
	keys, err := client.Keys(ctx, "*").Result()
	if err != nil {
		return err
	}
	slices.Sort(keys)
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	for _, key := range keys {
		commands, err := commandsFor(ctx, client, key)
		if err != nil {
			return err
		}
		for _, c := range commands {
			if err := lines.Encode(c); err != nil {
				return err
			}
		}
	}
	return nil
}

func commandsFor(ctx context.Context, client *goredis.Client, key string) (out [][]any, err error) {
	kind, err := client.Type(ctx, key).Result()
	if err != nil {
		return nil, err
	}
	switch kind {
	case "string":
		var value string
		value, err = client.Get(ctx, key).Result()
		out = append(out, []any{"SET", key, value})
	case "list":
		var values []string
		values, err = client.LRange(ctx, key, 0, -1).Result()
		for _, v := range values {
			out = append(out, []any{"RPUSH", key, v})
		}
	case "set":
		var values []string
		values, err = client.SMembers(ctx, key).Result()
		slices.Sort(values)
		for _, v := range values {
			out = append(out, []any{"SADD", key, v})
		}
	case "zset":
		var values []goredis.Z
		values, err = client.ZRangeWithScores(ctx, key, 0, -1).Result()
		for _, v := range values {
			out = append(out, []any{"ZADD", key, int64(v.Score), v.Member})
		}
	case "stream":
		var raw []any
		raw, err = client.Do(ctx, "XRANGE", key, "-", "+").Slice()
		for _, entry := range raw { // its fields in their order
			pair, _ := entry.([]any)
			fields, _ := pair[1].([]any)
			out = append(out, append([]any{"XADD", key, pair[0]}, fields...))
		}
	default:
		err = fmt.Errorf("key %s is a %s", key, kind)
	}
	return out, err
}

// everything is the story: what people and agents do to a repository, what
// fails on the way, and how it stands at the end.
func everything(t *testing.T) (*story, *redisserver.Server) {
	s := tell(t, everyRule, fakehub.Files{shipFile: shipText, ".github/workflows/slow.yml": shipText, "CODEOWNERS": "/infra/ @acme/sre\n"})
	server := redisserver.Start(t)
	second, err := redis.Open(server.URL(), redis.Options{})
	s.must(err)
	t.Cleanup(func() {
		if err := second.Close(); err != nil {
			t.Error(err)
		}
	})
	s.halt()
	s.must(os.Remove(s.store)) // what it wrote so far is in one store only
	s.paths = true
	s.wrap = func(l ledger.Store) ledger.Store { return &both{Store: l, second: second} }
	s.start()
	s.compared()
	s.pullRequests()
	s.peopleAnswer()
	s.deployments()
	s.mayCancel()
	s.workflowRuns()
	s.throughTheQueue()
	s.everythingFails()
	s.asItStands()
	return s, server
}

const everyRule = `break_glass: { from: ["@acme/incident"], via: [button, cli], reason: optional }
agents:
  known: [{ name: fixer, login: "acme-fixer[bot]", owner: "@acme/sre" }]
boundaries:
  staging:    { paths: ["envs/staging/**"] }
  production: { paths: ["envs/production/**"], environments: [production] }
separate: [[staging, production]]
rules:
  - id: slow
    title: Two have to look, within an hour
    paths: ["slow/**"]
    risk: 60
    need: { approvals: 2, from: ["@acme/sre"], via: [button, cli], expires: 1h, reason: optional }
  - { id: words, title: Words, paths: ["docs/**"], risk: 5, for: everyone, mode: observe }
  - { id: owned, title: Somebody's own, paths: ["infra/**"], risk: 60, need: { approvals: 1, from: [codeowners], keep: same_findings } }
environments:
  production: { hold: agent_changes, need: { approvals: 1, from: ["@acme/sre"], expires: 3h }, rollback: allow, concurrent: 1 }
  staging:    { hold: agent_changes, wait: 30m, inherit: approved }
  qa:         { hold: always, need: { approvals: 2, from: ["@acme/sre"], expires: 1h }, after: staging, healthy: 10m, freeze: [` + freeze + `, except: ["@acme/incident"] }] }
workflows:
  ship: { paths: [".github/workflows/ship.yml"], hold: cancel, need: high }
  slow: { paths: [".github/workflows/slow.yml"], hold: cancel, need: { approvals: 2, from: ["@acme/sre"], expires: 1h } }
`

// propose opens a pull request and waits until it was judged.
func (s *story) propose(n fakehub.NewPull) *fakehub.Pull {
	s.Helper()
	pull, err := s.Shop.OpenPull(n)
	s.must(err)
	s.settle()
	return pull
}

// answer presses a button of a pull request's check.
func (s *story) answer(pull *fakehub.Pull, button string, by *fakehub.Account) {
	s.Helper()
	s.click(pull.HeadSHA(), gate.CheckName, button, by)
}

func drop(table string) fakehub.Files {
	return fakehub.Files{"db/migrations/" + table + ".sql": "DROP TABLE " + table + ";\n"}
}

func (s *story) pullRequests() {
	s.Helper()
	s.propose(fakehub.NewPull{Author: s.Ana, Title: "A human's words", Files: fakehub.Files{"docs/a.md": "# A\n"}})
	s.propose(fakehub.NewPull{Author: s.hub.CreateKnownBot("dependabot", 49699333), Title: "Bump", Files: fakehub.Files{"go.sum": "x\n"}})
	s.Shop.OpenIssue(s.Ana, "Tidy up", "```gatehold-intent\npaths: [docs/]\n```\n")
	tidy := s.propose(fakehub.NewPull{
		Author: s.Agent, Title: "Tidy up", Head: "devin/1-tidy", Assignees: []*fakehub.Account{s.Ana},
		Body:    "Requested by: @ana\n\nCloses #3",
		Message: "Tidy up\n\nCo-authored-by: Claude <noreply@anthropic.com>", Files: drop("orders"),
	})
	s.answer(tidy, "Approve", s.Ana) // she asked for it
	s.answer(tidy, "Approve", s.Di)  // who is not of sre
	s.answer(tidy, "Approve", s.Bo)
	_, err := tidy.Push(drop("customers"))
	s.must(err)
	s.settle()
	s.answer(tidy, "Deny", s.Cy)
	_, err = tidy.Push(drop("invoices"))
	s.must(err)
	s.settle()
	s.answer(tidy, "Approve", s.Bo)
	_, err = tidy.Merge(s.Ana)
	s.must(err)
	s.settle()
	back := s.propose(fakehub.NewPull{Author: s.Agent, Title: "Revert", Body: fmt.Sprintf("Reverts acme/shop#%d", tidy.Number),
		Files: fakehub.Files{"docs/b.md": "# B\n"}})
	back.Close(s.Ana)
	s.settle()
	s.propose(fakehub.NewPull{Author: s.Agent, Title: "Weaker rules",
		Files: fakehub.Files{".github/gatehold.yml": needs + "# " + everyRule}})
	s.propose(fakehub.NewPull{Author: s.Agent, Title: "No rules", Files: fakehub.Files{".github/gatehold.yml": "version: [\n"}})
	both := s.propose(fakehub.NewPull{Author: s.Agent, Title: "Both sides", Files: fakehub.Files{
		"envs/staging/main.tf":    "resource \"aws_s3_bucket\" \"a\" {}\n",
		"envs/production/main.tf": "resource \"aws_s3_bucket\" \"a\" {}\n"}})
	both.Label("urgent", s.Ana)
	both.Edit("Both sides, anew", "", s.Ana)
	s.settle()
}

func (s *story) peopleAnswer() {
	s.Helper()
	slow := s.propose(fakehub.NewPull{Author: s.Agent, Title: "Slow", Files: fakehub.Files{"slow/a.txt": "a\n"}})
	s.answer(slow, "Approve", s.Bo)
	s.pass(2 * time.Hour) // which lapses
	stream := gate.Subject{Kind: gate.PullRequest, Repo: gate.Repo{ID: s.Shop.ID}, Number: slow.Number}.Stream()
	by := gate.Actor{Login: s.Cy.Login, ID: s.Cy.ID, Type: "User"}
	said := gate.Offered{By: by, Answer: gate.Approve, Via: gate.ViaCLI, Reason: "Read it twice."}
	look, err := s.keeper.Answers.Look(context.Background(), by, stream, said)
	s.must(err)
	said.For = look.For
	_, err = s.keeper.Answers.Offer(context.Background(), stream, "cli:1", said)
	s.must(err)
	s.settle()
	owned := s.propose(fakehub.NewPull{Author: s.Agent, Title: "Owned", Files: fakehub.Files{"infra/a.txt": "a\n"}})
	s.answer(owned, "Approve", s.Cy)
	_, err = owned.Push(fakehub.Files{"docs/c.md": "# C\n"}) // which leaves the findings as they are
	s.must(err)
	s.settle()
	for i, review := range []bool{true, false} {
		glass := s.propose(fakehub.NewPull{Author: s.Agent, Title: "Fire", Files: drop(fmt.Sprint("fire", i))})
		s.answer(glass, "Break glass", s.Di)
		if review {
			s.answer(glass, "Reviewed", s.Bo)
		}
		_, err := glass.Merge(s.Ana)
		s.must(err)
		s.settle()
	}
	s.must(s.hub.Rerequest(s.Check(slow.HeadSHA(), gate.CheckName).ID, s.Ana))
	s.settle()
}

func (s *story) deployments() {
	s.Helper()
	s.protect("qa")
	run := s.deploy(s.Ana, "production")
	s.press(run, "production", "Approve", s.Ana)
	s.press(run, "production", "Approve", s.Bo)
	s.ended(run, "success")
	good := s.Shop.Tip("main")
	s.merge(s.Agent, true, s.Bo)
	s.pass(time.Hour)
	run = s.deploy(s.Ana, "staging")
	s.press(run, "staging", "Approve", s.Bo)
	s.pass(time.Hour) // it has to be of some age
	s.ended(run, "success")
	s.merge(s.Agent, false)
	run = s.long(s.Ana, "production")
	s.press(run, "production", "Approve", s.Bo)
	s.must(s.hub.FinishJob(run, "to production 0", "failure"))
	s.settle()
	s.must(s.hub.Rerun(run, s.Ana))
	s.settle()
	s.press(run, "production", "Deny", s.Cy)
	s.ended(s.run(actions.RunSpec{SHA: good, Jobs: jobs("success", "production")}), "success")
	found := s.hub.InjectHook(faults.HookFault{Event: "deployment_status", Kind: faults.Drop}) // GitHub is asked how it ended
	s.ended(s.run(actions.RunSpec{SHA: good, Jobs: jobs("success", "production")}), "success")
	found()
	run = s.long(s.Ana, "production")
	lost := s.hub.Inject(faults.Fault{Route: respondRoute, Kind: faults.LostRequest})
	s.press(run, "production", "Approve", s.Bo) // its room is taken, and given back
	ends := []*hooks.Held{s.hub.Hold("deployment_status", ""), s.hub.Hold("workflow_run", "")}
	s.press(run, "production", "Deny", s.Cy)
	lost.Remove()
	s.pass(time.Hour)
	for _, held := range ends {
		held.End()
	}
	s.settle()
	run = s.deploy(s.Ana, "qa") // Monday's freeze, two to approve, and one's yes that lapses
	s.press(run, "qa", "Approve", s.Bo)
	s.pass(2 * time.Hour)
	s.hub.CreateEnvironment(s.Shop, "preview") // which nobody protects
	s.deploy(s.Agent, "preview")
}

func (s *story) workflowRuns() {
	s.Helper()
	run := s.ship(s.Agent)
	s.click(run.View().SHA, toShip, "Approve", s.Agent)
	s.click(run.View().SHA, toShip, "Approve", s.Bo)
	s.must(s.hub.FinishJob(run, "ship", "success"))
	s.settle()
	s.commit(s.Agent, drop("direct"))
	slow := s.run(actions.RunSpec{Workflow: ".github/workflows/slow.yml", Actor: s.Agent, Jobs: []actions.JobSpec{{Name: "slow"}}})
	s.click(slow.View().SHA, toShip, "Approve", s.Bo)
	s.pass(2 * time.Hour)
}

// throughTheQueue merges by a queue, in a repository of its own.
func (s *story) throughTheQueue() {
	s.Helper()
	store := s.Acme.CreateRepo("store", fakehub.Files{"README.md": "# Store\n", ".github/gatehold.yml": needs})
	s.must(store.Require(gate.CheckName, s.app.ID))
	s.must(store.UseMergeQueue(24 * time.Hour))
	s.settle()
	for i, fails := range []bool{false, true} {
		pull, err := store.OpenPull(fakehub.NewPull{Author: s.Agent, Title: "Into the queue", Files: drop(fmt.Sprint("queue", i))})
		s.must(err)
		s.settle()
		s.answerAll(store, pull, s.Bo)
		var fault *faults.Injected
		if fails {
			fault = s.hub.Inject(faults.Fault{Route: "GET /repos/*", Kind: faults.Status, Code: 502})
		}
		s.must(pull.Enqueue(s.Bo))
		s.pass(time.Minute)
		if fails {
			fault.Remove()
			s.pass(time.Hour)
		}
	}
}

// answerAll presses on all checks of a pull request of another repository.
func (s *story) answerAll(repo *fakehub.Repo, pull *fakehub.Pull, by *fakehub.Account) {
	s.Helper()
	for _, r := range repo.CheckRuns(pull.HeadSHA()) {
		s.must(s.hub.Press(r.ID, "Approve", by))
	}
	s.settle()
}

// everythingFails has each step fail, and then succeed.
func (s *story) everythingFails() {
	s.Helper()
	down := s.hub.Inject(faults.Fault{Kind: faults.Status, Code: 502})
	_, err := s.Shop.OpenPull(fakehub.NewPull{Author: s.Agent, Title: "While GitHub is down", Files: drop("down")})
	s.must(err)
	s.must(s.Shop.Require(gate.CheckName, s.app.ID)) // a reason for a survey
	s.ship(s.Agent)
	late := s.long(s.Ana, "production")
	s.deploy(s.Ana, "preview")
	s.pass(20 * time.Minute)
	down.Remove()
	s.pass(time.Hour)
	s.must(s.hub.CancelRun(late, true))
	s.settle()
}

// asItStands leaves gates of each kind open, each in another way.
func (s *story) asItStands() {
	s.Helper()
	s.propose(fakehub.NewPull{Author: s.Agent, Title: "Held", Files: drop("held")})
	denied := s.propose(fakehub.NewPull{Author: s.Agent, Title: "Denied", Files: drop("denied")})
	s.answer(denied, "Deny", s.Bo)
	approved := s.propose(fakehub.NewPull{Author: s.Agent, Title: "Approved", Files: drop("approved")})
	s.answer(approved, "Approve", s.Bo)
	glass := s.propose(fakehub.NewPull{Author: s.Agent, Title: "Released at once", Files: drop("glass")})
	s.answer(glass, "Break glass", s.Di)
	s.long(s.Ana, "production")
	going := s.long(s.Ana, "staging")
	s.pass(time.Hour)
	if g := s.gates(going, "staging"); len(g) > 0 && g[0].State == "pending" {
		s.press(going, "staging", "Approve", s.Bo)
	}
	s.ship(s.Agent)
	s.settle()
}
