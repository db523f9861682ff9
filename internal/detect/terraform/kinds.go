package terraform

import (
	"sync"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
)

// kindSet is everything that this detector reports.
type kindSet struct {
	class map[cloud.Class]*detect.Kind
	all   []*detect.Kind

	unreadable, stateBackend, provider, providerSource, moduleSource, moduleRemoved *detect.Kind
	scaledToZero, runsCommand, destroysByCommand                                    *detect.Kind
}

var kinds = sync.OnceValue(func() *kindSet {
	k := &kindSet{class: cloud.Kinds("terraform", "infra/main.tf", classExamples)}
	k.all = cloud.Ordered(k.class)
	add := func(id string, risk int, title, why string, controls []string, e cloud.Example) *detect.Kind {
		kind := &detect.Kind{ID: "terraform/" + id, Risk: risk, Title: title, Why: why, Controls: controls, ExamplePath: "infra/main.tf",
			FiresBefore: e.FiresBefore, Fires: e.Fires, QuietBefore: e.QuietBefore, Quiet: e.Quiet}
		k.all = append(k.all, kind)
		return kind
	}
	k.unreadable = add("unreadable", 25, "could not be read", "Nothing can be said of what this file declares: it does not parse, or is larger or deeper than is read.",
		[]string{detect.MaestroL4, detect.Measure27}, cloud.Example{Fires: "resource \"aws_s3_bucket\" {{{\n", Quiet: "resource \"aws_s3_bucket\" \"logs\" {}\n"})
	k.stateBackend = add("state-backend-changed", 60, "changes where Terraform keeps its state", "With another or an empty state Terraform no longer knows what it manages: it creates everything again beside the live resources, or loses the means to change them.",
		[]string{detect.ASI02, detect.ASI08, detect.MaestroL4, detect.Manage24}, cloud.Example{
			FiresBefore: "terraform {\n  backend \"s3\" {\n    bucket = \"state\"\n    key    = \"prod\"\n  }\n}\n", Fires: "terraform {\n  backend \"s3\" {\n    bucket = \"state\"\n    key    = \"dev\"\n  }\n}\n",
			QuietBefore: "terraform {\n  backend \"s3\" {\n    bucket = \"state\"\n  }\n}\n", Quiet: "terraform {\n  required_version = \">= 1.9\"\n  backend \"s3\" {\n    bucket = \"state\"\n  }\n}\n"})
	k.provider = add("provider-changed", 35, "points a provider at another account or place", "The same code then acts on other resources, with other rights: what was planned for one environment is applied to another.",
		[]string{detect.ASI02, detect.NHI08, detect.MaestroL4}, cloud.Example{
			FiresBefore: "provider \"aws\" {\n  region = \"eu-west-1\"\n}\n", Fires: "provider \"aws\" {\n  region = \"us-east-1\"\n}\n",
			QuietBefore: "provider \"aws\" {\n  region = \"eu-west-1\"\n}\n", Quiet: "provider \"aws\" {\n  region      = \"eu-west-1\"\n  max_retries = 5\n}\n"})
	k.providerSource = add("provider-source-changed", 40, "takes a provider from another source", "A provider is a program that runs with the credentials of the whole environment; this one comes from somebody else.",
		[]string{detect.ASI04, detect.NHI03, detect.Govern61}, cloud.Example{
			FiresBefore: "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n    }\n  }\n}\n", Fires: "terraform {\n  required_providers {\n    aws = {\n      source = \"someone/aws\"\n    }\n  }\n}\n",
			QuietBefore: "terraform {\n  required_providers {\n    aws = {\n      source  = \"hashicorp/aws\"\n      version = \"5.1\"\n    }\n  }\n}\n", Quiet: "terraform {\n  required_providers {\n    aws = {\n      source  = \"hashicorp/aws\"\n      version = \"5.2\"\n    }\n  }\n}\n"})
	k.moduleSource = add("module-source-changed", 30, "takes a module from another source", "The resources of the module may be replaced by others, and whoever owns the new source decides what is applied.",
		[]string{detect.ASI04, detect.Govern61}, cloud.Example{
			FiresBefore: "module \"vpc\" {\n  source = \"git::https://example.com/vpc.git?ref=v1\"\n}\n", Fires: "module \"vpc\" {\n  source = \"git::https://example.com/vpc.git\"\n}\n",
			QuietBefore: "module \"vpc\" {\n  source = \"git::https://example.com/vpc.git?ref=v1\"\n}\n", Quiet: "module \"vpc\" {\n  source = \"git::https://example.com/vpc.git?ref=v2\"\n}\n"})
	k.moduleRemoved = add("module-removed", 45, "removes a module", "Everything that the module made is destroyed; what that is cannot be seen from here.",
		[]string{detect.ASI02, detect.ASI08, detect.MaestroL4}, cloud.Example{
			FiresBefore: "module \"network\" {\n  source = \"./network\"\n}\n", Fires: "locals {\n  a = 1\n}\n",
			QuietBefore: "module \"network\" {\n  source = \"./network\"\n}\n", Quiet: "module \"net\" {\n  source = \"./network\"\n}\n\nmoved {\n  from = module.network\n  to   = module.net\n}\n"})
	k.scaledToZero = add("scaled-to-zero", 45, "scales something down to zero", "Nothing is left that serves; whoever depends on it is without it from the moment it is applied.",
		[]string{detect.ASI02, detect.ASI08, detect.MaestroL4}, cloud.Example{
			FiresBefore: "resource \"aws_ecs_service\" \"api\" {\n  desired_count = 3\n}\n", Fires: "resource \"aws_ecs_service\" \"api\" {\n  desired_count = 0\n}\n",
			QuietBefore: "resource \"aws_ecs_service\" \"api\" {\n  desired_count = 3\n}\n", Quiet: "resource \"aws_ecs_service\" \"api\" {\n  desired_count = 2\n}\n"})
	k.runsCommand = add("runs-command", 25, "runs a command when applied", "The command runs on the machine that applies, with its credentials, outside of what a plan shows.",
		[]string{detect.ASI05, detect.MaestroL4}, cloud.Example{
			Fires: "resource \"null_resource\" \"setup\" {\n  provisioner \"local-exec\" {\n    command = \"./setup.sh\"\n  }\n}\n", Quiet: "resource \"null_resource\" \"setup\" {\n  triggers = { a = 1 }\n}\n"})
	k.destroysByCommand = add("destroys-by-command", 65, "runs a command that destroys", "The command deletes what it is pointed at when the configuration is applied; no plan shows it and no protection of a resource stops it.",
		[]string{detect.ASI02, detect.ASI05, detect.MaestroL4, detect.Manage23}, cloud.Example{
			Fires: "resource \"null_resource\" \"clean\" {\n  provisioner \"local-exec\" {\n    command = \"aws s3 rb s3://orders --force\"\n  }\n}\n", Quiet: "resource \"null_resource\" \"clean\" {\n  provisioner \"local-exec\" {\n    command = \"aws s3 ls s3://orders\"\n  }\n}\n"})
	return k
})
