package workflow

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/pattern"
)

// deployActions put something where users meet it.
var deployActions = map[string]bool{
	"aws-actions/amazon-ecs-deploy-task-definition": true, "aws-actions/aws-cloudformation-github-deploy": true,
	"azure/aci-deploy": true, "azure/container-apps-deploy-action": true, "azure/functions-action": true,
	"azure/sql-action": true, "azure/webapps-deploy": true, "azure/k8s-deploy": true, "azure/static-web-apps-deploy": true,
	"cloudflare/wrangler-action": true, "cloudflare/pages-action": true, "google-github-actions/deploy-appengine": true,
	"google-github-actions/deploy-cloudrun": true, "google-github-actions/deploy-cloud-functions": true,
	"actions/deploy-pages": true, "peaceiris/actions-gh-pages": true, "jamesives/github-pages-deploy-action": true,
	"superfly/flyctl-actions": true, "amondnet/vercel-action": true, "netlify/actions": true, "appleboy/ssh-action": true,
	"burnett01/rsync-deployments": true, "akhileshns/heroku-deploy": true, "hashicorp/tfc-workflows-github": true,
	"pulumi/actions": true, "tencentcloudcontainerregistry/tke-deploy": true, "aliyun/ack-set-context": true,
	"digitalocean/app_action": true, "actions-hub/kubectl": true,
}

var deployCommand = pattern.Of(`^(?:sudo |time |run: )?((?:terraform|tofu|terragrunt) (?:-chdir=\S+ )?apply|pulumi ` +
	`up|kubectl (?:\S+ )?(?:apply|rollout|set image|create|replace|patch)|` +
	`helm (?:upgrade|install)|kustomize build [^\n]*\| ?kubectl|aws (?:ecs update-service|lambda ` +
	`update-function-code|cloudformation deploy|s3 sync|deploy create-deployment|elasticbeanstalk)|` +
	`gcloud (?:run deploy|app deploy|functions deploy|compute instances)|az (?:webapp|functionapp|containerapp|` +
	`deployment) |sls deploy|serverless deploy|cdk deploy|flyctl deploy|fly deploy|` +
	`vercel (?:deploy|--prod)|netlify deploy|wrangler (?:deploy|publish)|firebase deploy|eb deploy|cf push|heroku ` +
	`|ansible-playbook|cap production|sam deploy|npx (?:cdk|sls|serverless|wrangler|vercel|firebase) deploy|` +
	`ssh [^\n]+|rsync [^\n]+:[^\n]+)`)

// deploy says how a step deploys, "" where it does not.
func (s *step) deploy() string {
	if name := s.action(); name != "" {
		if deployActions[name] || deployActions[ownerRepo(name)] {
			return name
		}
		return ""
	}
	for _, c := range s.commands() {
		m := deployCommand().FindStringSubmatch(c)
		if m == nil || strings.Contains(c, "--dry-run") || strings.Contains(c, "-o yaml") {
			continue
		}
		first := words(m[1])
		return strings.Join(first[:min(2, len(first))], " ")
	}
	return ""
}

// deployScript matches a script or task that by its name deploys.
var deployScript = pattern.Of(`^(?:(?:ba|z)?sh |sudo |(?:npm|yarn|pnpm|bun)(?: run)? |make |just |task |rake |bundle exec |mix |fab |` +
	`python3? |node )*(?:\S*/)?((?:deploy|release-to|ship|rollout|promote)[\w:.-]*)(?: .*)?$`)

// toProduction tells whether a step deploys to where users are, as far as its
// own words tell: those of its command, its variables and its secrets.
func (s *step) toProduction(j *job) bool {
	deploys := s.deploy() != ""
	says := anyWord(j.id, productionWords) || anyWord(j.name, productionWords)
	for _, c := range s.commands() {
		if deployScript().MatchString(c) {
			deploys = true
		}
		says = says || anyWord(c, productionWords)
	}
	for _, p := range slices.Concat(s.env, s.with, j.env) {
		says = says || anyWord(p.key, productionWords) || anyWord(p.value.s, productionWords)
	}
	return deploys && says
}

// firstDeploy names the job that deploys, "" where none does. A job with an
// environment does, whatever it runs.
func firstDeploy(f *file) string {
	for i := range f.jobs {
		j := &f.jobs[i]
		if j.hasEnv && !j.environ.empty() {
			return j.id
		}
		for k := range j.steps {
			if j.steps[k].deploy() != "" {
				return j.id
			}
		}
	}
	return ""
}

// regardless matches a condition under which a job runs though one before it failed.
var regardless = pattern.Of(`\b(?:always|failure)\(\)|!\s*cancelled\(\)`)

// compareOrder reports a deployment that no longer waits for a check, or that
// runs though it failed.
func compareOrder(before *file, t twin) []hit {
	b, a := t.before, t.after
	if !a.hasEnv && !slices.ContainsFunc(a.steps, func(s step) bool { return s.deploy() != "" }) {
		return nil
	}
	for i := range before.jobs {
		j := &before.jobs[i]
		if !slices.Contains(b.needs, j.id) || !slices.ContainsFunc(j.steps, func(s step) bool { return s.looksLikeCheck() }) {
			continue
		}
		switch {
		case len(a.needs) == 0:
			return []hit{{kind: kindNonBlocking, line: a.line, object: a.id, detail: "no longer waits for " + j.id}}
		case regardless().MatchString(a.ifs.s) && !regardless().MatchString(b.ifs.s) && !strings.Contains(a.ifs.s, j.id+".result"):
			return []hit{{kind: kindNonBlocking, line: a.line, object: a.id, detail: "runs though " + j.id + " failed"}}
		}
	}
	return nil
}

// compareDeploys reports ways of deploying that a workflow did not have.
func compareDeploys(before *file, j *job) []hit {
	had, production := map[string]bool{}, map[string]bool{}
	for i := range before.jobs {
		b := &before.jobs[i]
		for k := range b.steps {
			s := &b.steps[k]
			had[s.deploy()] = true
			production[s.signature()] = production[s.signature()] || s.toProduction(b)
		}
	}
	var out []hit
	for k := range j.steps {
		s := &j.steps[k]
		if !j.hasEnv && s.toProduction(j) && !production[s.signature()] {
			production[s.signature()] = true
			out = append(out, hit{kind: kindProductionDeploy, line: s.line, object: j.id})
		}
		d := s.deploy()
		if d == "" || had[d] {
			continue
		}
		had[d] = true
		kind := kindDeployAdded
		if j.hasEnv {
			kind = kindDeployInEnvironment
		}
		out = append(out, hit{kind: kind, line: s.line, object: j.id, detail: d})
	}
	return out
}

// maxWhole bounds how many workflows of a change are compared with each other.
const maxWhole = 60

// DetectChange looks at workflows that a change takes away and at those that it
// brings: a job that moved and lost its environment on the way.
func (detector) DetectChange(c *change.Change, r *detect.Report) {
	var gone []*job
	var come []int
	for i := range c.Files {
		f := &c.Files[i]
		switch {
		case !isWorkflow(f.Path) || len(gone) > maxJobs || len(come) > maxWhole:
		case f.Status == change.Removed && f.Before.State == change.Loaded:
			if old, err := read(f.Before.Body); err == nil {
				for k := range old.jobs {
					if j := &old.jobs[k]; j.hasEnv && !j.environ.empty() {
						gone = append(gone, j)
					}
				}
			}
		case f.Status == change.Added && f.After.State == change.Loaded:
			come = append(come, i)
		}
	}
	if len(gone) == 0 {
		return
	}
	for _, i := range come {
		now, err := read(c.Files[i].After.Body)
		if err != nil {
			continue
		}
		for k := range now.jobs {
			j := &now.jobs[k]
			if j.hasEnv && !j.environ.empty() {
				continue
			}
			if at := slices.IndexFunc(gone, func(b *job) bool { return overlap(b, j) >= 0.5 }); at >= 0 {
				r.Add(detect.Observation{Kind: kindEnvironmentRemoved, Path: c.Files[i].Path, Line: j.line, Object: j.id,
					Detail: "was " + gone[at].environ.s + " in a workflow that goes"})
			}
		}
	}
}
