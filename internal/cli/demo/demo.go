// Package demo plays a story on this machine: a GitHub in memory, a gatehold beside it,
// and people and an agent who do what they do.
package demo

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/cli/service"
	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/site"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/testworld"
)

type demoCmd struct {
	Once    bool
	Verbose bool
}

// Command is what the command line has of this package.
func Command(std command.IO) *cobra.Command {
	c := &demoCmd{}
	cmd := command.New(std, c, "demo", "Play a story on this machine, with a GitHub of its own.", "")
	f := cmd.Flags()
	f.BoolVar(&c.Once, "once", false, "Play the story and end: exit code 0 only if every outcome was as told.")
	f.BoolVar(&c.Verbose, "verbose", false, "Print the log of the service as well.")
	return cmd
}

// demo is a GitHub and a gatehold on loopback, and the people of a story.
type demo struct {
	std     command.IO
	hub     *site.Hub
	service *service.Service
	app     *fakehub.App
	signIn  *fakehub.App // that people sign in to
	world   *testworld.World
	shop    *fakehub.Repo
	ana     *fakehub.Account     // a human, who asks an agent for work
	bo      *fakehub.Account     // another, of the team that releases
	pull    *fakehub.Pull        // that the story is about
	run     *actions.WorkflowRun // the deploy that it is about
	queued  string               // the merge queue's commit that it is about
	shipped string               // what @bo let go to production
	agent   *fakehub.Account     // a coding agent that GitHub knows as a bot
	dir     string
	github  string // addresses
	product string
}

// byPull has changes come to the default branch by pull request only.
const byPull = `{"name":"Pull requests","enforcement":"active",
	"conditions":{"ref_name":{"include":["~DEFAULT_BRANCH"],"exclude":[]}},
	"rules":[{"type":"pull_request","parameters":{"dismiss_stale_reviews_on_push":false,"require_code_owner_review":false,
		"require_last_push_approval":false,"required_approving_review_count":0,"required_review_thread_resolution":false}}]}`

// keyWait is how long a first passkey waits in the demo, whose visitors do not stay
// for a day.
const keyWait = 10 * time.Second

// outcomeTime is how long the demo waits for a check: far longer than it takes.
const outcomeTime = 20 * time.Second

func (c *demoCmd) Run(ctx context.Context, std command.IO) error {
	d, err := startDemo(std, c.Verbose)
	if err != nil {
		return err
	}
	defer d.stop()
	d.say("gatehold runs at %s, and a GitHub of its own at %s.", d.product, d.github)
	d.say("The ledger is %s. Nothing leaves this machine.", filepath.Join(d.dir, "gatehold.db"))
	told := d.play(ctx)
	if ctx.Err() != nil {
		return nil
	}
	d.addresses()
	if c.Once {
		if !told {
			return command.ErrReported
		}
		return nil
	}
	d.say("\nIt stays up to be looked at. Stop it with Ctrl-C.")
	return d.service.Wait(ctx)
}

// startDemo sets the stage: an organisation with a repository, its rules on
// the default branch, and the App installed.
func startDemo(std command.IO, verbose bool) (d *demo, err error) {
	d = &demo{std: std}
	defer func() {
		if err != nil {
			d.stop()
		}
	}()
	if d.dir, err = os.MkdirTemp("", "gatehold-demo-"); err != nil {
		return d, err
	}
	secret := rand.Text()
	on, err := testworld.Serve(fakehub.Options{}, fakehub.NewApp{WebhookSecret: secret})
	if err != nil {
		return d, err
	}
	d.hub, d.app, d.github = on.Hub, on.App, on.Base
	if d.signIn, err = on.SignIn(); err != nil {
		return d, err
	}
	d.world = on.Settle(testworld.Options{People: testworld.People{"ana": "sre", "bo": "sre"}, Rules: demoRules, Files: demoFiles,
		Later: true})
	d.shop, d.ana, d.bo, d.agent = d.world.Shop, d.world.Ana, d.world.Bo, d.world.Agent
	d.world.Acme.AddMember(on.Hub.CreateUser("olga"), "admin") // who ends passkeys of others
	log := slog.New(slog.DiscardHandler)
	if verbose {
		log = slog.New(slog.NewTextHandler(std.Err, nil))
	}
	d.service, err = service.Start(config.Config{
		Listen: "127.0.0.1:0", PublicURL: "http://localhost:0", GitHubURL: d.github, AppID: d.app.ID, PrivateKey: d.app.PrivateKeyPEM(),
		ClientID: d.signIn.ClientID(), ClientSecret: testworld.SignInSecret(),
		WebhookSecrets: [][]byte{[]byte(secret)}, Store: "sqlite:" + filepath.Join(d.dir, "gatehold.db"),
		Pages: true, Hostname: "demo", PasskeyWait: keyWait,
	}, log)
	if err != nil {
		return d, err
	}
	d.product = d.service.Config.PublicURL
	d.signIn.SetCallbacks(d.service.Config.CallbackURL())
	// Something runs in production before gatehold comes.
	if err = d.deploy(""); err != nil {
		return d, err
	}
	d.app.SetWebhook(d.product+"/webhook", secret)
	d.app.Install(d.world.Acme)
	for _, name := range []string{"staging", "production"} {
		d.hub.CreateEnvironment(d.shop, name).Protect(d.app, true)
	}
	if err = d.shop.Require(gate.CheckName, d.app.ID); err != nil {
		return d, err
	}
	if _, err = d.shop.AddRuleset(byPull); err != nil {
		return d, err
	}
	return d, d.shop.UseMergeQueue(time.Hour)
}

func (d *demo) stop() {
	if d.service != nil {
		if err := d.service.Stop(); err != nil {
			fmt.Fprintln(d.std.Err, "gatehold:", err)
		}
	}
	if d.hub != nil {
		d.hub.Close()
	}
	if d.dir != "" {
		_ = os.RemoveAll(d.dir) // a temporary directory: the system clears what is left
	}
}

// play tells the scenes and reports whether every outcome was as told.
func (d *demo) play(ctx context.Context) bool {
	told := true
	for i, s := range scenes {
		d.say("\n%s", d.bold(fmt.Sprintf("%d. %s", i+1, s.title)))
		if err := d.scene(ctx, s); err != nil {
			if ctx.Err() != nil {
				return false
			}
			told = false
			d.say("   %s", d.red("Not as told: "+err.Error()))
		}
	}
	if told {
		d.say("\n%s", d.green("Every outcome was as told."))
	}
	return told
}

// open opens the pull request that the story goes on with.
func (d *demo) open(n fakehub.NewPull) (err error) {
	d.pull, err = d.shop.OpenPull(n)
	return err
}

func (d *demo) pullURL(pull *fakehub.Pull) string {
	return fmt.Sprintf("%s/acme/shop/pull/%d", d.github, pull.Number)
}

func (d *demo) addresses() {
	d.say("\nTo look at: %s/gates (gates and verdicts), %s/metrics.", d.product, d.product)
	d.say("\nDecide one yourself: %s/gates/pr/%d/%d", d.product, d.shop.ID, d.pull.Number)
	d.say("Sign in as @bo: the demo's GitHub asks for no password. Answer by a click there, or make a passkey at %s/you and sign.", d.product)
	d.say("A first passkey counts after %d seconds here, and after a day elsewhere: so long somebody may object.", int(keyWait.Seconds()))
}

func (d *demo) say(format string, args ...any) { fmt.Fprintf(d.std.Out, format+"\n", args...) }

func (d *demo) bold(s string) string  { return d.paint("1", s) }
func (d *demo) green(s string) string { return d.paint("32", s) }
func (d *demo) red(s string) string   { return d.paint("31", s) }

func (d *demo) paint(code, s string) string {
	if !d.std.Color {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// lineWith is the line of a text that holds some words, without its markup.
func lineWith(text, words string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, words) {
			return strings.NewReplacer("`", "", "*", "").Replace(strings.TrimLeft(strings.TrimSpace(line), "- "))
		}
	}
	return ""
}
