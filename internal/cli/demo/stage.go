package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// What a scene of the demo is about.
const (
	aboutPull       = ""
	aboutQueue      = "queue"
	aboutProduction = "production"
	aboutStaging    = "staging"
)

func (d *demo) scene(ctx context.Context, s scene) error {
	d.say("   %s", s.told)
	if err := s.act(d); err != nil {
		return err
	}
	run, passes, err := d.outcome(ctx, s)
	if run.Title == "" {
		return err
	}
	d.say("   Check on %s: %s", words.Short(run.SHA), d.bold(run.Title))
	if s.shows != "" {
		d.say("   The check says: %s", lineWith(run.Summary, s.shows))
	}
	d.say("   %s", d.sentence(s, passes))
	d.say("   %s", d.address(s))
	return err
}

// outcome waits until the check that a scene is about is as told. If that does
// not come about, it returns what it is instead.
func (d *demo) outcome(ctx context.Context, s scene) (run fakehub.CheckRun, passes bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, outcomeTime)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		run, passes = d.check(s)
		if run.Title != "" && passes == s.passes && strings.Contains(run.Title, s.says) && strings.Contains(run.Summary, s.shows) {
			return run, passes, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			if strings.Contains(run.Title, s.says) && !strings.Contains(run.Summary, s.shows) {
				return run, passes, fmt.Errorf("the check was to show %q, and its summary is\n%s", s.shows, run.Summary)
			}
			return run, passes, fmt.Errorf("the check was to say %q", s.says)
		}
	}
}

// check is the newest check run that a scene is about, and whether GitHub lets
// what it is about go on.
func (d *demo) check(s scene) (newest fakehub.CheckRun, passes bool) {
	name, sha := gate.CheckName, ""
	switch s.about {
	case aboutQueue:
		sha, passes = d.queued, d.pull.State() == "merged"
	case aboutProduction, aboutStaging:
		name = gate.DeployCheck(s.about)
		sha, passes = d.run.View().SHA, d.reached(s.about)
	default:
		sha, passes = d.pull.HeadSHA(), d.world.Passes(d.pull, gate.CheckName)
	}
	for _, r := range d.world.Checks(sha, name) {
		if r.Status == "completed" && r.ID > newest.ID {
			newest = r
		}
	}
	return newest, passes
}

// reached reports whether the run's job for an environment has done its work.
func (d *demo) reached(environment string) bool {
	for _, job := range d.run.View().Jobs {
		if job.Environment == environment {
			return job.Conclusion == "success"
		}
	}
	return false
}

// sentence says what GitHub makes of it.
func (d *demo) sentence(s scene, passes bool) string {
	words := map[string][2]string{
		aboutPull:       {"By GitHub's own rule the pull request ", "may be merged|cannot be merged"},
		aboutQueue:      {"GitHub's merge queue ", "has merged it|waits"},
		aboutProduction: {"The job for production ", "has done its work|waits"},
		aboutStaging:    {"The job for staging ", "has done its work|waits"},
	}[s.about]
	good, bad, _ := strings.Cut(words[1], "|")
	if passes {
		return words[0] + d.green(good) + "."
	}
	return words[0] + d.red(bad) + "."
}

func (d *demo) address(s scene) string {
	if s.about == aboutProduction || s.about == aboutStaging {
		return fmt.Sprintf("%s/acme/shop/actions/runs/%d", d.github, d.run.View().ID)
	}
	return d.pullURL(d.pull)
}

// press presses a button of the newest check run that a scene is about, in the
// browser of somebody.
func (d *demo) press(about, button string, by *fakehub.Account) error {
	run, _ := d.check(scene{about: about})
	return d.hub.Press(run.ID, button, by)
}

// enqueue adds the pull request to the merge queue.
func (d *demo) enqueue() error {
	if err := d.pull.Enqueue(d.bo); err != nil {
		return err
	}
	for _, entry := range d.shop.Queue("main") {
		if entry.Number == d.pull.Number {
			d.queued = entry.HeadSHA
		}
	}
	return nil
}

// deploy starts the workflow that deploys a commit, or where none is named the
// tip of main, first to staging and then to production.
func (d *demo) deploy(sha string) (err error) {
	d.run, err = d.hub.StartRun(d.shop, actions.RunSpec{
		Actor: d.ana, SHA: sha, Jobs: []actions.JobSpec{
			{Name: "staging", Environment: "staging", Ends: "success"},
			{Name: "production", Environment: "production", Needs: []string{"staging"}, Ends: "success"},
		},
	})
	return err
}
