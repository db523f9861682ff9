// Package catalog lists every detector there is, for whoever evaluates rules
// over a change or prints what can be detected.
package catalog

import (
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/agentconfig"
	"github.com/gatehold/gatehold/internal/detect/ansible"
	"github.com/gatehold/gatehold/internal/detect/backup"
	"github.com/gatehold/gatehold/internal/detect/cloudformation"
	"github.com/gatehold/gatehold/internal/detect/command"
	"github.com/gatehold/gatehold/internal/detect/compose"
	"github.com/gatehold/gatehold/internal/detect/dependency"
	"github.com/gatehold/gatehold/internal/detect/docker"
	"github.com/gatehold/gatehold/internal/detect/gateconfig"
	"github.com/gatehold/gatehold/internal/detect/helm"
	"github.com/gatehold/gatehold/internal/detect/hosting"
	"github.com/gatehold/gatehold/internal/detect/iac"
	"github.com/gatehold/gatehold/internal/detect/iam"
	"github.com/gatehold/gatehold/internal/detect/identity"
	"github.com/gatehold/gatehold/internal/detect/kubernetes"
	"github.com/gatehold/gatehold/internal/detect/migration"
	"github.com/gatehold/gatehold/internal/detect/pipeline"
	"github.com/gatehold/gatehold/internal/detect/program"
	"github.com/gatehold/gatehold/internal/detect/secret"
	"github.com/gatehold/gatehold/internal/detect/shape"
	"github.com/gatehold/gatehold/internal/detect/sql"
	"github.com/gatehold/gatehold/internal/detect/state"
	"github.com/gatehold/gatehold/internal/detect/terraform"
	"github.com/gatehold/gatehold/internal/detect/workflow"
)

// All returns a new set of all detectors, in a fixed order. A detector holds no
// state of a change, so one set may be used from several goroutines. rules tells
// how gatehold's own rules files differ; with nil, that detector is made to be
// put Under a reader before it looks at anything.
func All(rules gateconfig.Rules) []detect.Detector {
	return []detect.Detector{
		sql.New(),
		migration.New(),
		terraform.New(),
		cloudformation.New(),
		iam.New(),
		iac.New(),
		ansible.New(),
		kubernetes.New(),
		docker.New(),
		compose.New(),
		helm.New(),
		secret.New(),
		command.New(),
		program.New(),
		dependency.New(),
		identity.New(),
		backup.New(),
		workflow.New(),
		pipeline.New(),
		hosting.New(),
		agentconfig.New(),
		gateconfig.New(rules),
		state.New(),
		shape.New(),
	}
}
