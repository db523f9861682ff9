package compose

import (
	"sync"

	"github.com/gatehold/gatehold/internal/detect"
)

type kindSet struct {
	privileged, host, hostPath, capability, unconfined, root, hardening  *detect.Kind
	port, secret, noPassword, image, volume, service, scaled, unreadable *detect.Kind
	all                                                                  []*detect.Kind
}

// one writes a project with one service; lines are its settings.
func one(lines ...string) string {
	s := "services:\n  db:\n    image: postgres:16\n"
	for _, l := range lines {
		s += "    " + l + "\n"
	}
	return s
}

var kinds = sync.OnceValue(func() *kindSet {
	k := &kindSet{}
	add := func(id string, risk int, title, why string, controls []string, firesBefore, fires, quietBefore, quiet string) *detect.Kind {
		kind := &detect.Kind{ID: "compose/" + id, Risk: risk, Title: title, Why: why, Controls: controls, ExamplePath: "compose.yaml",
			FiresBefore: firesBefore, Fires: fires, QuietBefore: quietBefore, Quiet: quiet}
		k.all = append(k.all, kind)
		return kind
	}
	host := []string{detect.ASI05, detect.NHI05, detect.MaestroL4}
	loss := []string{detect.ASI02, detect.ASI08, detect.MaestroL4, detect.Manage23}
	reach := []string{detect.NHI06, detect.MaestroL4, detect.Measure27}
	k.privileged = add("privileged", 60, "runs a privileged container", "The container has the host's own rights: whoever gets into it has the machine.", host, "", one("privileged: true"), "", one("privileged: false"))
	k.host = add("host-namespace", 45, "shares a namespace of the host", "The container reaches the host's network or processes past every limit of its own.", host, "", one("network_mode: host"), "", one("network_mode: bridge"))
	k.hostPath = add("host-path", 55, "mounts a sensitive path of the host", "With the runtime's socket, the root of the disk or the host's keys the container is as good as the host.", host, "", one("volumes: ['/var/run/docker.sock:/var/run/docker.sock']"), "", one("volumes: ['./init.sql:/init.sql']"))
	k.capability = add("capability", 45, "gives a container more kernel capabilities", "Each capability is a part of root's rights; some of them are as good as all.", host, "", one("cap_add: [SYS_ADMIN]"), "", one("cap_add: [NET_BIND_SERVICE]"))
	k.unconfined = add("unconfined", 35, "drops the confinement of a container", "Without seccomp, AppArmor or SELinux every flaw of the kernel is in reach.", host, "", one("security_opt: ['seccomp:unconfined']"), "", one("security_opt: ['no-new-privileges:true']"))
	k.root = add("runs-as-root", 25, "runs as root", "A flaw in the program is then a flaw with root's rights in the container.", host, one("user: '1000'"), one("user: root"), one("user: root"), one("user: '1000'"))
	k.hardening = add("hardening-removed", 22, "removes a hardening of a container", "A limit that made attacks harder is gone; nothing breaks, so nobody notices.", host, one("read_only: true"), one("restart: always"), one("restart: always"), one("read_only: true"))
	k.port = add("data-port-published", 35, "publishes a data store on every address", "A database that the network of the host can reach is one password away, or none; past the host's firewall too, because Docker writes its own rules.", reach, "", one("ports: ['5432:5432']"), "", one("ports: ['127.0.0.1:5432:5432']"))
	k.secret = add("plain-secret", 35, "writes a secret into the file", "The value stays in the history of the repository for everyone who can read it; it has to be replaced, removing it is not enough.", []string{detect.NHI02, detect.NHI07, detect.MaestroL6}, "", one("environment: {POSTGRES_PASSWORD: hunter2}"), "", one("environment: {POSTGRES_PASSWORD: '${DB_PASSWORD}'}"))
	k.noPassword = add("no-password", 40, "lets a data store answer without a password", "Whoever reaches the port reads and changes everything.", []string{detect.NHI04, detect.MaestroL4}, "", one("environment: {POSTGRES_HOST_AUTH_METHOD: trust}"), "", one("environment: {POSTGRES_HOST_AUTH_METHOD: scram-sha-256}"))
	k.image = add("image-unpinned", 25, "runs an image that can change under its name", "What runs tomorrow need not be what was tested: a push to the tag becomes what runs.", []string{detect.ASI04, detect.NHI03, detect.Govern61}, "services: {db: {image: 'postgres:16'}}\n", "services: {db: {image: 'postgres:latest'}}\n", "services: {db: {image: 'postgres:16'}}\n", "services: {db: {image: 'postgres:17'}}\n")
	k.volume = add("volume-removed", 55, "takes away a volume that keeps data", "The service starts empty; what it writes from then on goes with its container, and a cleaning of unused volumes deletes the old data.", loss, one("volumes: ['data:/var/lib/postgresql/data']"), one("restart: always"), one("volumes: ['data:/var/lib/postgresql/data']"), one("restart: always", "volumes: ['data:/var/lib/postgresql/data']"))
	k.service = add("stateful-service-removed", 50, "removes a service that keeps data", "Its volume belongs to nothing any more, and the next cleaning of unused volumes deletes it.", loss, one("volumes: ['data:/var/lib/postgresql/data']"), "services:\n  app:\n    image: app:1\n", "services:\n  job:\n    image: job:1\n", "services:\n  app:\n    image: app:1\n")
	k.scaled = add("scaled-to-zero", 40, "scales a service to zero", "Nothing is left that serves; whoever depends on it is without it.", []string{detect.ASI02, detect.ASI08, detect.MaestroL4}, one("deploy: {replicas: 2}"), one("deploy: {replicas: 0}"), one("deploy: {replicas: 2}"), one("deploy: {replicas: 1}"))
	k.unreadable = add("unreadable", 25, "could not be read", "Nothing can be said of what this file runs: it does not parse, or is larger or deeper than is read.", []string{detect.MaestroL4, detect.Measure27}, "", "services: [\n", "", "services: {}\n")
	return k
})
