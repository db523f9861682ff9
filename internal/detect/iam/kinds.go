package iam

import (
	"embed"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("iam", files)

var kinds = struct {
	class map[cloud.Class]*detect.Kind

	denyRemoved, inTest, unreadable *detect.Kind
}{
	class: cloud.KindsOf(shipped, cloud.PolicyAdmin, cloud.PolicyWildcard, cloud.PolicySensitive, cloud.PolicyPublic,
		cloud.TrustWidened, cloud.RoleBroad),
	denyRemoved: shipped.Of("deny-removed"),
	inTest:      shipped.Of("in-test"),
	unreadable:  shipped.Of("unreadable"),
}
