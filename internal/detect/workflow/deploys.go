package workflow

import (
	"strings"

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

// compareDeploys reports ways of deploying that a workflow did not have.
func compareDeploys(before *file, j *job) []hit {
	had := map[string]bool{}
	for i := range before.jobs {
		for k := range before.jobs[i].steps {
			had[before.jobs[i].steps[k].deploy()] = true
		}
	}
	var out []hit
	for k := range j.steps {
		s := &j.steps[k]
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
