package inbox

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

const (
	deploySHA    = "4444444444444444444444444444444444444444"
	deployPart   = `"deployment":{"id":600,"sha":"` + deploySHA + `","environment":"Prod/EU","original_environment":"Prod/EU"}`
	questionPart = `"action":"requested","environment":"Prod/EU","event":"push",` +
		`"deployment_callback_url":"https://api.github.com/repos/acme/shop/actions/runs/70/deployment_protection_rule",` +
		deployPart + `,` + commonPart
	runPart = `"workflow_run":{"id":70,"run_attempt":2,"path":".github/workflows/deploy.yml@refs/heads/main",` +
		`"event":"push","head_sha":"` + deploySHA + `","head_branch":"main","triggering_actor":{"login":"bob","id":3,` +
		`"type":"User"},"head_repository":{"id":99}}`
)

func openDelivery(t testing.TB, event, body string) (gate.Delivery, error) {
	return testInbox(t).Open(delivery(event, []byte(body)), whole([]byte(body)))
}

func TestTheQuestionAboutADeployment(t *testing.T) {
	want := gate.Subject{Kind: gate.Deployment, Repo: shop, Run: 70, DeploymentID: 600, Environment: "Prod/EU", SHA: deploySHA}
	question := `{` + questionPart + `}`
	for name, test := range map[string]struct {
		body   string
		change func(*gate.Subject)
	}{
		"whole":               {question, nil},
		"Enterprise Server":   {strings.Replace(question, "https://api.github.com/repos", "https://ghe.example/api/v3/repos", 1), nil},
		"another host":        {strings.Replace(question, "api.github.com", "evil.example:8443", 1), nil},
		"no host":             {strings.Replace(question, "https://api.github.com", "", 1), nil},
		"another letter case": {strings.Replace(question, "repos/acme/shop/", "repos/ACME/Shop/", 1), nil},
		"a query":             {strings.Replace(question, "protection_rule\",", "protection_rule?x=1#y\",", 1), nil},
		"no environment":      {strings.Replace(question, `"environment":"Prod/EU","event"`, `"event"`, 1), nil},
		"no deployment":       {strings.Replace(question, deployPart, `"x":1`, 1), func(s *gate.Subject) { s.DeploymentID, s.SHA = 0, "" }},
		"an odd commit":       {strings.Replace(question, deploySHA, "HEAD", 1), func(s *gate.Subject) { s.SHA = "" }},
		"an odd deployment":   {strings.Replace(question, `"id":600`, `"id":"600"`, 1), func(s *gate.Subject) { s.DeploymentID = 0 }},
		"a negative one":      {strings.Replace(question, `"id":600`, `"id":-600`, 1), func(s *gate.Subject) { s.DeploymentID = 0 }},
		"any characters": {strings.Replace(question, `"environment":"Prod/EU","event"`,
			`"environment":"a b/\u00e4\"..","event"`, 1), func(s *gate.Subject) { s.Environment = "a b/\u00e4\".." }},
	} {
		d, err := openDelivery(t, "deployment_protection_rule", test.body)
		want := want
		if test.change != nil {
			test.change(&want)
		}
		if err != nil || d.Seen == nil || d.Seen.Subject != want || d.Seen.Head != want.SHA || d.Seen.Trigger != "push" ||
			len(d.Also) != 0 {
			t.Errorf("%s: %+v, %v", name, d.Seen, err)
		}
	}
	for name, body := range map[string]string{
		"no callback":             strings.Replace(question, "deployment_callback_url", "other", 1),
		"another repository":      strings.Replace(question, "repos/acme/shop/", "repos/acme/other/", 1),
		"no run":                  strings.Replace(question, "runs/70/", "runs/0/", 1),
		"a negative run":          strings.Replace(question, "runs/70/", "runs/-70/", 1),
		"a signed run":            strings.Replace(question, "runs/70/", "runs/+70/", 1),
		"a run beyond numbers":    strings.Replace(question, "runs/70/", "runs/70000000000000000000/", 1),
		"a longer path":           strings.Replace(question, "protection_rule\",", "protection_rule/x\",", 1),
		"a prefix":                strings.Replace(question, "/repos/", "/x/repos/", 1),
		"another action's path":   strings.Replace(question, "/deployment_protection_rule\"", "/cancel\"", 1),
		"no URL":                  strings.Replace(question, "https://api.github.com", "ht tp://%zz", 1),
		"no environment anywhere": strings.ReplaceAll(question, "environment\":\"Prod/EU\"", "x\":1"),
		"a blank environment":     strings.ReplaceAll(question, `"Prod/EU"`, `"  "`),
		"a long environment":      strings.ReplaceAll(question, "Prod/EU", strings.Repeat("e", 256)),
		"no repository":           strings.Replace(question, `"id":99`, `"id":0`, 1),
	} {
		d, err := openDelivery(t, "deployment_protection_rule", body)
		if d.Seen != nil || err == nil || errorOf(t, err).Code != "payload_invalid" || !errorOf(t, err).Final {
			t.Errorf("%s: %+v, %v", name, d.Seen, err)
		}
	}
	if d, err := openDelivery(t, "deployment_protection_rule",
		strings.Replace(question, "requested", "levitated", 1)); err != nil || d.Seen != nil {
		t.Errorf("an action of tomorrow: %+v, %v", d.Seen, err)
	}
}

func TestWhatADeploymentsStatusMeans(t *testing.T) {
	status := `{"action":"created","deployment_status":{"state":"success","environment":"Prod/EU"},` + deployPart +
		`,"workflow_run":{"id":70},` + commonPart + `}`
	environment := gate.Subject{Kind: gate.Environment, Repo: shop, Run: 70, DeploymentID: 600, Environment: "Prod/EU", SHA: deploySHA}
	held := environment
	held.Kind = gate.Deployment
	moved := environment
	moved.Environment = "staging"
	byHand := environment
	byHand.Run = 0
	for name, test := range map[string]struct {
		event, body, action string
		on                  gate.Subject
		also                int
	}{
		"a status":  {"deployment_status", status, "success", environment, 1},
		"of no run": {"deployment_status", strings.Replace(status, `{"id":70}`, `null`, 1), "success", byHand, 0},
		"that moves the deployment": {"deployment_status",
			strings.Replace(strings.Replace(status, `"state":"success","environment":"Prod/EU"`,
				`"state":"success","environment":"staging"`, 1), `"sha":"`+deploySHA+`","environment":"Prod/EU"`,
				`"sha":"`+deploySHA+`","environment":"staging"`, 1), "success", moved, 1},
		"without an environment": {"deployment_status",
			strings.Replace(status, `"state":"success","environment":"Prod/EU"`, `"state":"success"`, 1), "success", environment, 1},
		"of an odd state":        {"deployment_status", strings.Replace(status, `"success"`, `"a b"`, 1), "", environment, 1},
		"a new deployment":       {"deployment", strings.Replace(status, `{"id":70}`, `null`, 1), "created", byHand, 0},
		"a run's new deployment": {"deployment", status, "created", environment, 0},
	} {
		d, err := openDelivery(t, test.event, test.body)
		if err != nil || d.Seen == nil || d.Seen.Subject != test.on || d.Seen.Action != test.action ||
			d.Seen.Head != deploySHA || len(d.Also) != test.also {
			t.Errorf("%s: %+v, also %+v, %v", name, d.Seen, d.Also, err)
			continue
		}
		if test.also == 1 && (d.Also[0].Subject != held || d.Also[0].Action != test.action || d.Also[0].Subject.Stream() != held.Stream()) {
			t.Errorf("%s: the gate is told %+v", name, d.Also[0])
		}
	}
	for name, body := range map[string]string{
		"no deployment":  strings.Replace(status, deployPart, `"deployment":null`, 1),
		"no environment": strings.ReplaceAll(status, "environment\":\"Prod/EU\"", "x\":1"),
		"no repository":  strings.Replace(status, `"id":99`, `"id":0`, 1),
	} {
		for _, event := range []string{"deployment", "deployment_status"} {
			if _, err := openDelivery(t, event, body); err == nil || errorOf(t, err).Code != "payload_invalid" {
				t.Errorf("%s %s: %v", event, name, err)
			}
		}
	}
}

func TestWhichWorkflowRunsAreSeen(t *testing.T) {
	run := `{"action":"requested",` + runPart + `,` + commonPart + `}`
	d, err := openDelivery(t, "workflow_run", run)
	want := gate.Seen{
		Subject: gate.Subject{Kind: gate.WorkflowRun, Repo: shop, Run: 70, SHA: deploySHA}, Event: "workflow_run", Action: "requested",
		Sender: gate.Actor{Login: "copilot-swe-agent[bot]", ID: 198982749, Type: "Bot"}, Head: deploySHA, HeadRef: "main",
		Attempt: 2, Workflow: ".github/workflows/deploy.yml", Trigger: "push", Triggered: gate.Actor{Login: "bob", ID: 3, Type: "User"},
	}
	if err != nil || d.Seen == nil || *d.Seen != want {
		t.Fatalf("%+v, %v", d.Seen, err)
	}
	fork := strings.Replace(run, `"head_repository":{"id":99}`, `"head_repository":{"id":100}`, 1)
	unknown := strings.Replace(run, `"head_repository":{"id":99}`, `"head_repository":null`, 1)
	for _, test := range []struct {
		body, event, action string
		seen                bool
	}{
		{run, "push", "completed", true}, {run, "push", "in_progress", false}, {run, "push", "levitated", false},
		{run, "merge_group", "requested", false}, {run, "check_run", "requested", false}, {run, "check_suite", "completed", false},
		{run, "pull_request", "requested", true}, {fork, "pull_request", "requested", false}, {unknown, "pull_request", "requested", true},
		{fork, "pull_request_target", "requested", true}, {fork, "workflow_run", "requested", true},
		{run, "issue_comment", "requested", true},
		{run, "schedule", "requested", true}, {run, "dynamic", "requested", true}, {run, "", "requested", true},
	} {
		body := strings.Replace(strings.Replace(test.body, `"event":"push"`, `"event":"`+test.event+`"`, 1), `"requested"`,
			`"`+test.action+`"`, 1)
		d, err := openDelivery(t, "workflow_run", body)
		if err != nil || (d.Seen != nil) != test.seen {
			t.Errorf("%+v: %+v, %v", test, d.Seen, err)
		}
	}
	for name, body := range map[string]string{
		"no run": strings.Replace(run, `"id":70`, `"id":null`, 1), "no commit": strings.Replace(run, deploySHA, "main", 1),
		"no repository": strings.Replace(run, `"owner":{"login":"acme"}`, `"owner":{"login":"../x"}`, 1),
	} {
		if _, err := openDelivery(t, "workflow_run", body); err == nil || errorOf(t, err).Code != "payload_invalid" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A workflow file cannot be named so that the rules know it by another name.
func TestAWorkflowIsKnownByItsWholeName(t *testing.T) {
	const in = ".github/workflows/"
	for path, want := range map[string]string{
		in + "deploy.yml":                         in + "deploy.yml",
		in + "deploy.yaml@refs/heads/main":        in + "deploy.yaml",
		in + "deploy.yml@main":                    in + "deploy.yml",
		in + "deploy.yml@refs/heads/a@b":          in + "deploy.yml",
		in + "deploy.yml@refs/heads/x.yml@y":      in + "deploy.yml",
		in + "deploy@evil.yml":                    in + "deploy@evil.yml",
		in + "deploy@evil.yml@refs/heads/main":    in + "deploy@evil.yml",
		in + "a.yml@deploy.yml":                   in + "a.yml@deploy.yml",
		in + "a.yml@deploy.yml@refs/heads/x":      in + "a.yml@deploy.yml",
		in + "@.yml":                              in + "@.yml",
		"dynamic/pages/pages-build-deployment":    "dynamic/pages/pages-build-deployment",
		"dynamic/pages/pages-build-deployment@v1": "dynamic/pages/pages-build-deployment",
		"": "",
	} {
		if got := (wire.Run{Path: path}).Workflow(); got != want {
			t.Errorf("%q is known as %q, want %q", path, got, want)
		}
	}
}

// The checks of deployments are ours as well, under their own names.
func TestButtonsOfADeploymentsCheck(t *testing.T) {
	const button = `{"action":"requested_action","requested_action":{"identifier":"approve"},"check_run":{"id":5,` +
		`"name":%q,"head_sha":"` + deploySHA + `","app":{"id":4711}},` + commonPart + `}`
	for _, name := range []string{"gatehold: deploy", "gatehold: deploy to Prod/EU", "gatehold: deploy to a  b",
		"gatehold: deploy to " + strings.Repeat("\u00e4", 255)} {
		for _, body := range []string{fmt.Sprintf(button, name),
			strings.Replace(fmt.Sprintf(button, name), "requested_action\",", "rerequested\",", 1)} {
			d, err := openDelivery(t, "check_run", body)
			want := gate.Subject{Kind: gate.Check, Repo: shop, SHA: deploySHA, Name: name}
			if err != nil || d.Seen == nil || d.Seen.Subject != want || d.Seen.Run != 5 {
				t.Errorf("%q: %+v, %v", name, d.Seen, err)
			}
		}
	}
	for _, name := range []string{"gatehold: a b", "gatehold: no lanes", "gatehold:ship", "Gatehold: deploy", ""} {
		if d, err := openDelivery(t, "check_run", fmt.Sprintf(button, name)); err != nil || d.Seen != nil {
			t.Errorf("%q: %+v, %v", name, d.Seen, err)
		}
	}
}

func FuzzDeployEvents(f *testing.F) {
	f.Add("deployment_protection_rule", []byte(`{`+questionPart+`}`))
	f.Add("deployment_status",
		[]byte(`{"action":"created","deployment_status":{"state":"success","environment":"a"},`+deployPart+`,"workflow_run":{"id":70},`+commonPart+`}`))
	f.Add("deployment", []byte(`{"action":"created",`+deployPart+`,`+commonPart+`}`))
	f.Add("workflow_run", []byte(`{"action":"completed",`+runPart+`,`+commonPart+`}`))
	f.Add("deployment_protection_rule",
		[]byte(`{"action":"requested",`+
			`"deployment_callback_url":"//x/api/v3/api/v3/repos/a/b/actions/runs/1/deployment_protection_rule",`+
			`"environment":[],`+commonPart+`}`))
	in := testInbox(f)
	f.Fuzz(func(t *testing.T, event string, body []byte) {
		d, err := in.Open(delivery(event, body), whole(body))
		if err != nil {
			if e := gate.AsError(err); e.Code == "internal" || !e.Final || d.Seen != nil {
				t.Errorf("error is %v", err)
			}
			return
		}
		all := d.Also
		if d.Seen != nil {
			all = append(all, *d.Seen)
		}
		for _, s := range all {
			on := s.Subject
			if !wire.IsRepo(on.Repo) || on.DeploymentID < 0 || on.Run < 0 || s.Attempt < 0 ||
				on.SHA != "" && !wire.IsSHA(on.SHA) || s.Head != "" && !wire.IsSHA(s.Head) {
				t.Errorf("seen %+v", s)
			}
			switch on.Kind {
			case gate.Deployment:
				if on.Run == 0 || !wire.IsEnvironment(on.Environment) {
					t.Errorf("nobody could answer %+v", s)
				}
			case gate.Environment:
				if on.DeploymentID == 0 || !wire.IsEnvironment(on.Environment) {
					t.Errorf("nothing reached %+v", s)
				}
			case gate.WorkflowRun:
				if on.Run == 0 || on.SHA == "" || len(s.Workflow) > 410 {
					t.Errorf("seen %+v", s)
				}
			}
		}
	})
}
