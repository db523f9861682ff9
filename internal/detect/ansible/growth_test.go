//go:build !race

package ansible

import (
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

func TestHostileFilesEnd(t *testing.T) {
	detecttest.HostileFilesEnd(t, New(), "playbooks/site.yml")
}

func TestReadingIsLinear(t *testing.T) {
	for _, unit := range []string{"- file: path=/srv/data/§ state=absent\n", "- block:\n  - file: {path: '{{ a }}/{{ b }}', state: absent}\n",
		"- service: {name: auditd, state: stopped}\n", "- get_url: {validate_certs: no}\n", "- file: path={{ {{\n"} {
		detecttest.Linear(t, unit, 8<<10, func(size int) func() {
			text := "- hosts: a\n" + detecttest.Repeated(unit, size)
			return func() { detecttest.Observe(New(), detecttest.File("playbooks/site.yml", "- hosts: a\n", text)) }
		})
	}
}
