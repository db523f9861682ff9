// Package doctor examines an installation, from the configuration to what GitHub
// enforces in each repository, and says of each thing what is to be done. It only reads.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/cli/service"
	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub"
	"github.com/gatehold/gatehold/internal/hub/admin"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/inbox"
	"github.com/gatehold/gatehold/internal/ledger/redis"
	"github.com/gatehold/gatehold/internal/web"
)

type doctorCmd struct {
	config.Flags
	Repos int
	JSON  bool
}

// Command is what the command line has of this package.
func Command(std command.IO) *cobra.Command {
	c := &doctorCmd{}
	cmd := command.New(std, c, "doctor",
		"Check the whole installation: key, permissions, webhook, ledger, rules files, required checks.", "")
	c.Define(cmd.Flags())
	cmd.Flags().IntVar(&c.Repos, "repos", 50, "Look into at most `N` repositories, all installations together.")
	cmd.Flags().BoolVar(&c.JSON, "json", false, "Print as JSON.")
	return cmd
}

// The states of a finding.
const (
	fine = "ok"
	warn = "warn"
	fail = "fail"
)

// finding is the outcome of one check, in sentences.
type finding struct {
	State string `json:"state"`
	Check string `json:"check"`
	Says  string `json:"says"`
	Do    string `json:"do"` // what to do about it, "" where nothing is
}

// doctorTime is how long the whole examination may take.
const doctorTime = 10 * time.Minute

// doctor examines an installation. It only reads.
type doctor struct {
	cfg      config.Config
	hub      *hub.Hub
	now      func() time.Time
	app      api.App
	findings []finding
	tell     func(finding)
}

func (c *doctorCmd) Run(ctx context.Context, std command.IO) error {
	ctx, cancel := context.WithTimeout(ctx, doctorTime)
	defer cancel()
	d := &doctor{now: time.Now, findings: []finding{}, tell: func(f finding) {
		if !c.JSON {
			fmt.Fprintf(std.Out, "%-4s  %-13s %s\n", f.State, f.Check, f.Says)
			if f.Do != "" {
				fmt.Fprintf(std.Out, "%20s> %s\n", "", f.Do)
			}
		}
	}}
	if c.Repos < 0 {
		return command.Usage("--repos is how many repositories to look into: 0 or more.")
	}
	d.examine(ctx, c.Flags, std, c.Repos)
	bad, doubtful := d.count(fail), d.count(warn)
	if c.JSON {
		if err := command.WriteJSON(std.Out, d.findings); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(std.Out, "\n%d checks: %d failed, %d to look at.\n", len(d.findings), bad, doubtful)
	}
	if bad > 0 {
		return command.ErrReported
	}
	return nil
}

func (d *doctor) count(state string) (n int) {
	for _, f := range d.findings {
		if f.State == state {
			n++
		}
	}
	return n
}

// say adds a finding. Texts from GitHub may be in it.
func (d *doctor) say(state, check, do, format string, args ...any) {
	f := finding{State: state, Check: check, Says: command.OneLine(fmt.Sprintf(format, args...)), Do: command.OneLine(do)}
	d.findings = append(d.findings, f)
	d.tell(f)
}

// failed is the finding of a check that could not be made.
func (d *doctor) failed(check string, err error) {
	d.say(fail, check, "", "%s", gate.AsError(err).Text)
}

// examine makes all checks that those before it leave possible.
func (d *doctor) examine(ctx context.Context, flags config.Flags, std command.IO, repos int) {
	cfg, err := config.Load(flags, std.Getenv, os.ReadFile)
	var invalid *config.Invalid
	if errors.As(err, &invalid) {
		for _, p := range invalid.Problems {
			d.say(fail, "configuration", "", "%s", p)
		}
		return
	}
	if err != nil {
		d.failed("configuration", err)
		return
	}
	d.cfg = cfg
	d.say(fine, "configuration", "", "It can be used; gatehold config prints it.")
	d.channels(ctx, d.ledger(ctx))
	d.hub, _, err = service.NewHub(cfg, slog.New(slog.DiscardHandler), web.NewMetrics())
	if err != nil {
		d.failed("app", err)
		return
	}
	if !d.identity(ctx) {
		return
	}
	d.permissions()
	d.events()
	d.signIn(ctx)
	d.hook(ctx)
	d.deliveries(ctx)
	d.installations(ctx, repos)
}

// ledger opens the store as serve would. A SQLite file that is not there yet
// is not made: it would belong to whoever runs this. What became of messages is read
// while it is open.
func (d *doctor) ledger(ctx context.Context) (told map[string]outcome) {
	if path, ok := strings.CutPrefix(d.cfg.Store, "sqlite:"); ok {
		_, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			if _, err := os.Stat(filepath.Dir(path)); err != nil {
				d.say(fail, "ledger", "Create the directory, or mount the disk that it is on.",
					"The directory of the ledger %s is not there.", path)
				return nil
			}
			d.say(warn, "ledger", "If gatehold ran before, the ledger is lost or GATEHOLD_STORE names another file.",
				"There is no ledger at %s; serve will create it.", path)
			return nil
		}
	}
	store, check, err := service.OpenStore(d.cfg)
	if err != nil {
		d.failed("ledger", err)
		return nil
	}
	err = check(ctx)
	switch {
	case errors.Is(err, redis.ErrWeak):
		d.say(warn, "ledger", "Set appendfsync always.", "%s", err)
	case err != nil:
		d.say(fail, "ledger", "", "The ledger cannot be relied on: %s", err)
	default:
		if told, err = toldBy(ctx, store); err != nil {
			d.failed("ledger", err)
		}
		d.say(fine, "ledger", "", "It can be read, and keeps what it acknowledged.")
	}
	if err := store.Close(); err != nil {
		d.failed("ledger", err)
	}
	return told
}

// Skew of the clock: GitHub refuses a signature that was made in its future.
const (
	noticedSkew = 10 * time.Second
	refusedSkew = 30 * time.Second
)

// identity finds out whether GitHub knows the App by its key. Without that
// nothing else can be asked.
func (d *doctor) identity(ctx context.Context) bool {
	app, ahead, err := d.hub.App(ctx)
	switch skew := max(ahead, -ahead); {
	case skew >= refusedSkew:
		d.say(fail, "clock", "Set this machine's clock by NTP.",
			"It is %s from GitHub's: signatures are refused, and approvals are dated wrongly.", skew)
	case skew >= noticedSkew:
		d.say(warn, "clock", "Set this machine's clock by NTP.", "It is %s from GitHub's.", skew)
	case err == nil:
		d.say(fine, "clock", "", "It is with GitHub's.")
	}
	switch {
	case err != nil:
		d.failed("app", err)
		return false
	case app.ID != d.cfg.AppID:
		d.say(fail, "app", "Correct GATEHOLD_APP_ID.", "The key is that of App %d, and gatehold is told that it is App %d.",
			app.ID, d.cfg.AppID)
		return false
	}
	d.app = app
	d.say(fine, "app", "", "GitHub knows %s, App %d, by its private key.", app.Slug, app.ID)
	return true
}

func (d *doctor) permissions() {
	judged := comparePermissions(withoutOptional(d.app.Permissions), admin.Permissions())
	if len(judged.lacking) > 0 {
		d.say(fail, "permissions", "Grant them on the App's settings page; then each organisation must accept them.",
			"The App lacks %s.", strings.Join(judged.lacking, ", "))
	}
	if len(judged.dangerous) > 0 {
		d.say(warn, "permissions", "Take them away: gatehold needs none of them.",
			"DANGER: the App has %s. Whoever gets hold of its key could remove the gate with them, or change what it guards.",
			strings.Join(judged.dangerous, ", "))
	}
	if len(judged.needless) > 0 {
		d.say(warn, "permissions", "Take them away: gatehold does not use them.", "The App has %s, which it does not need.",
			strings.Join(judged.needless, ", "))
	}
	if len(judged.lacking)+len(judged.dangerous)+len(judged.needless) == 0 {
		d.say(fine, "permissions", "", "The App has what it needs and no more.")
	}
	d.optional()
}

func (d *doctor) events() {
	var lacking []string
	for _, e := range inbox.Events() {
		if !slices.Contains(d.app.Events, e) {
			lacking = append(lacking, e)
		}
	}
	if len(lacking) > 0 {
		d.say(fail, "events", "Subscribe to them on the App's settings page.", "The App does not hear of %s.", strings.Join(lacking, ", "))
		return
	}
	d.say(fine, "events", "", "The App hears of all that it handles.")
}

func (d *doctor) hook(ctx context.Context) {
	h, err := d.hub.Hook(ctx)
	if err != nil {
		d.failed("webhook", err)
		return
	}
	before := len(d.findings)
	want := strings.TrimSuffix(d.cfg.PublicURL, "/") + "/webhook"
	switch {
	case h.URL == "":
		d.say(fail, "webhook", "Set the URL on the App's settings page, and make it active.",
			"The App has no webhook: gatehold hears of nothing.")
	case d.cfg.PublicURL == "":
		d.say(warn, "webhook", "Set GATEHOLD_PUBLIC_URL, so that this can be compared and checks can link to their page.",
			"GitHub delivers to %s; whether that is here is not known.", h.URL)
	case h.URL != want:
		d.say(fail, "webhook", "Correct the URL on the App's settings page, or GATEHOLD_PUBLIC_URL.",
			"GitHub delivers to %s, and gatehold listens at %s.", h.URL, want)
	}
	if h.ContentType != "json" {
		d.say(fail, "webhook", "Set the content type application/json.", "GitHub delivers as %q, which gatehold refuses.", h.ContentType)
	}
	if !h.Secret {
		d.say(fail, "webhook", "Set the secret of GATEHOLD_WEBHOOK_SECRET on the App's settings page.",
			"The webhook has no secret: deliveries are not signed, and gatehold refuses them.")
	}
	if h.Insecure {
		d.say(fail, "webhook", "Enable SSL verification on the App's settings page.",
			"GitHub does not verify the certificate that it delivers to.")
	}
	if len(d.findings) == before {
		d.say(fine, "webhook", "", "GitHub delivers to %s, as JSON, signed.", h.URL)
	}
}

// secret says whether both sides know the same one: GitHub does not tell its
// own, and gatehold answers 401 to what is signed with another.
func (d *doctor) secret(attempts []gate.Attempt) {
	if len(attempts) == 0 {
		return
	}
	switch last := attempts[len(attempts)-1]; { // oldest first
	case last.Status == http.StatusUnauthorized:
		d.say(fail, "secret",
			"Set the same secret on the App's settings page and in GATEHOLD_WEBHOOK_SECRET; two in a row serve while it changes.",
			"The last delivery, at %s, was refused for its signature: GitHub signs with another secret.",
			last.At.UTC().Format(time.RFC3339))
	case last.OK:
		d.say(fine, "secret", "", "The last delivery was taken: GitHub signs with a secret that is known here.")
	}
}

// deliveries counts the events that never arrived. GitHub's log goes back three
// days.
func (d *doctor) deliveries(ctx context.Context) {
	attempts, _, err := d.hub.Deliveries(ctx, 0)
	if err != nil {
		d.failed("deliveries", err)
		return
	}
	arrived, lost := map[string]bool{}, map[string]bool{}
	var last time.Time
	d.secret(attempts)
	for _, a := range attempts { // oldest first
		if a.OK {
			arrived[a.GUID] = true
			delete(lost, a.GUID)
		} else if !arrived[a.GUID] {
			lost[a.GUID], last = true, a.At
		}
	}
	switch {
	case len(lost) > 0:
		d.say(warn, "deliveries",
			"The App's settings page shows, under Advanced, what each attempt got for an answer. A running gatehold asks for them again.",
			"%d of the last %d events have not arrived, the latest at %s.", len(lost), len(lost)+len(arrived),
			last.UTC().Format(time.RFC3339))
	case len(attempts) == 0:
		d.say(warn, "deliveries", "Open a pull request where the App is installed, then look again.",
			"GitHub has delivered nothing in the days that its log covers.")
	default:
		d.say(fine, "deliveries", "", "All of the last %d events have arrived.", len(arrived))
	}
}
