package iac

import (
	"embed"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("iac", files)

var (
	classes    = cloud.Kinds(shipped)
	unreadable = shipped.Of("unreadable")
)
