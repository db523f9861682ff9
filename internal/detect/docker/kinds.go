package docker

import (
	"sync"

	"github.com/gatehold/gatehold/internal/detect"
)

type kindSet struct {
	base, root, pipe, remote, secret, unverified, insecure, writable, shell, unreadable *detect.Kind
	all                                                                                 []*detect.Kind
}

var kinds = sync.OnceValue(func() *kindSet {
	k := &kindSet{}
	add := func(id string, risk int, title, why string, controls []string, firesBefore, fires, quietBefore, quiet string) *detect.Kind {
		kind := &detect.Kind{ID: "docker/" + id, Risk: risk, Title: title, Why: why, Controls: controls, ExamplePath: "Dockerfile",
			FiresBefore: firesBefore, Fires: fires, QuietBefore: quietBefore, Quiet: quiet}
		k.all = append(k.all, kind)
		return kind
	}
	supply := []string{detect.ASI04, detect.NHI03, detect.Govern61}
	host := []string{detect.ASI05, detect.NHI05, detect.MaestroL4}
	k.base = add("base-unpinned", 25, "builds on an image that can change under its name", "The next build may start from something else than what was tested, made by whoever can push to that name.", supply,
		"FROM debian:12\n", "FROM debian:latest\n", "FROM debian:12\n", "FROM debian:13\n")
	k.root = add("runs-as-root", 25, "makes the image run as root", "A flaw in the program is then a flaw with root's rights in the container.", host,
		"FROM debian:12\nUSER app\n", "FROM debian:12\n", "FROM debian:12\n", "FROM debian:12\nUSER app\n")
	k.pipe = add("pipe-to-shell", 35, "runs what it fetches unseen", "Whoever controls the server, or the way to it, runs code in every build.", supply,
		"", "FROM debian:12\nRUN curl -s https://example.com/install.sh | bash\n", "", "FROM debian:12\nRUN curl -s https://example.com/list.txt | sort\n")
	k.remote = add("adds-remote", 25, "adds a file from the network without a checksum", "What the address serves at the time of the build becomes part of the image, whatever it is.", supply,
		"", "FROM debian:12\nADD https://example.com/app.tar.gz /\n", "", "FROM debian:12\nADD app.tar.gz /\n")
	k.secret = add("secret-in-image", 40, "puts a secret into the image", "Every layer keeps it, also where a later one deletes it: everyone who can pull the image has it.", []string{detect.NHI02, detect.NHI07, detect.MaestroL6},
		"", "FROM debian:12\nENV DB_PASSWORD=hunter2\n", "", "FROM debian:12\nENV DB_PASSWORD_FILE=/run/secrets/db\n")
	k.unverified = add("verification-off", 30, "switches off the check of what it fetches", "Signatures and certificates are what tells the real package from one that somebody put in its place.", supply,
		"", "FROM debian:12\nRUN apt-get install -y --allow-unauthenticated curl\n", "", "FROM debian:12\nRUN apt-get install -y curl\n")
	k.insecure = add("insecure-build", 40, "builds with the rights of the host", "A step of the build can then reach the machine that builds, and everything else that is built there.", host,
		"", "FROM debian:12\nRUN --security=insecure make\n", "", "FROM debian:12\nRUN --mount=type=cache,target=/c make\n")
	k.writable = add("loose-permissions", 22, "lets everyone write or become root in the image", "A process that is taken over can change programs that others run, or gain root's rights.", host,
		"", "FROM debian:12\nRUN chmod -R 777 /app\n", "", "FROM debian:12\nRUN chmod -R 755 /app\n")
	k.shell = add("exposes-remote-access", 25, "exposes a port for remote access", "A shell or desktop in the container is a way in beside the application, with keys of its own.", host,
		"", "FROM debian:12\nEXPOSE 22\n", "", "FROM debian:12\nEXPOSE 8080\n")
	k.unreadable = add("unreadable", 25, "could not be read", "Nothing sure can be said of what this file builds: it is larger than is read, or holds lines that are no instructions.", []string{detect.MaestroL4, detect.Measure27},
		"", "FROM debian:12\nRUM make\n", "", "FROM debian:12\nRUN make\n")
	return k
})
