package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/keeper"
)

type demoCmd struct {
	Once    bool `help:"Play the story and end: exit code 0 only if every outcome was as told."`
	Verbose bool `help:"Print the log of the service as well."`
}

// demo is a GitHub and a gatehold on loopback, and the people of a story.
type demo struct {
	std     IO
	hub     *fakehub.Hub
	service *service
	app     *fakehub.App
	shop    *fakehub.Repo
	ana     *fakehub.Account // a human
	agent   *fakehub.Account // a coding agent that GitHub knows as a bot
	dir     string
	github  string // addresses
	product string
}

// outcomeTime is how long the demo waits for a check: far longer than it takes.
const outcomeTime = 20 * time.Second

func (c *demoCmd) Run(ctx context.Context, std IO) error {
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
			return errReported
		}
		return nil
	}
	d.say("\nIt stays up to be looked at. Stop it with Ctrl-C.")
	return d.service.wait(ctx)
}

// startDemo sets the stage: an organisation with a repository, its rules on
// the default branch, and the App installed.
func startDemo(std IO, verbose bool) (d *demo, err error) {
	d = &demo{std: std}
	defer func() {
		if err != nil {
			d.stop()
		}
	}()
	if d.dir, err = os.MkdirTemp("", "gatehold-demo-"); err != nil {
		return d, err
	}
	d.hub = fakehub.New(fakehub.Options{})
	if d.github, err = d.hub.Start(); err != nil {
		return d, err
	}
	d.ana = d.hub.CreateUser("ana")
	d.agent = d.hub.CreateBot("devin-ai-integration")
	acme := d.hub.CreateOrg("acme")
	acme.AddMember(d.ana, "member")
	acme.CreateTeam("sre", nil).Add(d.ana, "member")
	d.shop = acme.CreateRepo("shop", demoFiles)

	secret := rand.Text()
	if d.app, err = d.hub.CreateApp(fakehub.NewApp{Slug: "gatehold", WebhookSecret: secret}); err != nil {
		return d, err
	}
	log := slog.New(slog.DiscardHandler)
	if verbose {
		log = slog.New(slog.NewTextHandler(std.Err, nil))
	}
	d.service, err = startService(config.Config{
		Listen: "127.0.0.1:0", GitHubURL: d.github, AppID: d.app.ID, PrivateKey: d.app.PrivateKeyPEM(),
		WebhookSecrets: [][]byte{[]byte(secret)}, Store: "sqlite:" + filepath.Join(d.dir, "gatehold.db"),
		Pages: true, PublicURL: "", Hostname: "demo",
	}, log)
	if err != nil {
		return d, err
	}
	d.product = "http://" + d.service.listener.Addr().String()
	d.app.SetWebhook(d.product+"/webhook", secret)
	d.app.Install(acme)
	return d, d.shop.Require(keeper.CheckName, d.app.ID)
}

func (d *demo) stop() {
	if d.service != nil {
		if err := d.service.stop(); err != nil {
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

func (d *demo) scene(ctx context.Context, s scene) error {
	pull, err := s.open(d)
	if err != nil {
		return err
	}
	d.say("   %s", s.told)
	run, err := d.outcome(ctx, pull)
	if err != nil {
		return err
	}
	passes := pull.RequiredCheck(keeper.CheckName, d.app.ID).Passes
	verdict := d.green("may be merged")
	if !passes {
		verdict = d.red("cannot be merged")
	}
	d.say("   Check on %s: %s", short(pull.HeadSHA()), d.bold(run.Title))
	d.say("   By GitHub's own rule the pull request %s.", verdict)
	d.say("   %s", d.pullURL(pull))
	if passes != s.passes {
		return fmt.Errorf("the check says %q", run.Conclusion)
	}
	if !strings.Contains(run.Title, s.says) {
		return fmt.Errorf("the title does not say %q", s.says)
	}
	return nil
}

// outcome waits for the check run on the head of a pull request.
func (d *demo) outcome(ctx context.Context, pull *fakehub.Pull) (fakehub.CheckRun, error) {
	ctx, cancel := context.WithTimeout(ctx, outcomeTime)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		for _, run := range d.shop.CheckRuns(pull.HeadSHA()) {
			if run.AppID == d.app.ID && run.Status == "completed" {
				return run, nil
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fakehub.CheckRun{}, errors.New("no check run was published in time")
		}
	}
}

func (d *demo) pullURL(pull *fakehub.Pull) string {
	return fmt.Sprintf("%s/acme/shop/pull/%d", d.github, pull.Number)
}

func (d *demo) addresses() {
	d.say("\nTo look at: %s/gates (gates and verdicts), %s/metrics.", d.product, d.product)
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
