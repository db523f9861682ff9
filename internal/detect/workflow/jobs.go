package workflow

import (
	"slices"
	"strings"
)

// auditJob looks at what stands on a job as a whole.
func auditJob(f *file, j *job) []hit {
	var out []hit
	out = append(out, auditRunner(f, j)...)
	for i := range j.images {
		out = append(out, auditImage(j, &j.images[i])...)
	}
	if j.uses.s != "" {
		out = append(out, auditUses(f, j.uses, "workflow")...)
	}
	if j.inherit {
		h := hit{kind: kindInherit, key: parseRef(j.uses.s).name, line: j.inheritLine, object: j.id}
		if r := parseRef(j.uses.s); r.kind == local {
			h.kind = kindInheritLocal
		} else if !pinned(r.at) && !versionTag(r.at) {
			h.kind = kindInheritMoving
		}
		out = append(out, h)
	}
	out = append(out, auditCheckout(f, j)...)
	out = append(out, auditArtifact(f, j)...)
	out = append(out, auditPersisted(j)...)
	out = append(out, auditCache(f, j)...)
	out = append(out, auditIf(f, j.ifs, j.id)...)
	out = append(out, auditInsecureCommands(f, j)...)
	out = append(out, auditLeaks(f, j)...)
	out = append(out, auditNames(j)...)
	out = append(out, auditDownloads(j)...)
	out = append(out, auditLoaders(j.id, j.env)...)
	return append(out, auditEnvSecrets(j.id, j.envExpr, j.env, j.with, j.secrets)...)
}

func auditRunner(f *file, j *job) []hit {
	for _, l := range j.labels {
		if !strings.EqualFold(strings.TrimSpace(l.s), "self-hosted") && !strings.Contains(l.s, "'self-hosted'") {
			continue
		}
		h := hit{kind: kindSelfHosted, key: j.id, line: l.line, object: j.id}
		if f.on("pull_request", "pull_request_target", "issue_comment", "workflow_run", "issues") {
			h.kind = kindSelfHostedPublic
		} else if slices.ContainsFunc(j.labels, func(l text) bool { return anyWord(l.s, productionWords) }) {
			h.kind = kindSelfHostedProduction
		}
		return []hit{h}
	}
	if !j.group.empty() {
		return []hit{{kind: kindRunnerGroup, key: j.id, line: j.group.line, object: j.id, detail: "group " + j.group.s}}
	}
	return nil
}

func auditImage(j *job, im *image) []hit {
	var out []hit
	where := j.id
	if im.service != "" {
		where += "." + im.service
	}
	if imageState(im.ref.s) == 2 {
		out = append(out, hit{kind: kindUnpinnedImage, key: imageName(im.ref.s), line: im.ref.line, object: im.ref.s,
			detail: "in " + where})
	}
	if p := im.password; !p.empty() && len(expressions(p.s)) == 0 {
		out = append(out, hit{kind: kindHardcodedCredentials, key: where, line: p.line, object: where,
			detail: "the registry password stands in the file"})
	}
	privileged := opensHost(im.options.s)
	line := im.options.line
	for _, v := range im.volumes {
		if strings.Contains(v.s, "docker.sock") || strings.HasPrefix(v.s, "/:") {
			privileged, line = true, v.line
		}
	}
	if privileged {
		out = append(out, hit{kind: kindPrivilegedContainer, key: where, line: line, object: where})
	}
	return out
}

// opensHost tells whether the options of a container give it the machine that it
// runs on.
func opensHost(options string) bool {
	o := " " + strings.Join(strings.Fields(strings.ReplaceAll(options, "=", " ")), " ") + " "
	o = strings.ToLower(strings.NewReplacer("\"", "", "'", "").Replace(o))
	for _, w := range [...]string{" --privileged ", " --cap-add sys_admin ", " --cap-add all ", " --cap-add sys_ptrace ",
		" --cap-add sys_module ",
		" --pid host ", " --userns host ", " --ipc host ", " --security-opt seccomp unconfined ", " --security-opt seccomp:unconfined ",
		" --security-opt apparmor unconfined ", " --security-opt apparmor:unconfined ", "docker.sock",
		" -v /:", " --volume /:", " --device /dev/"} {
		if strings.Contains(o, w) && !strings.Contains(o, " --privileged false ") {
			return true
		}
	}
	return false
}

// productionWords make a name read as what users meet.
var productionWords = map[string]bool{"production": true, "prod": true, "prd": true, "live": true}

// auditInsecureCommands finds the switch that brings set-env and add-path
// back: anything that prints to the log may then set variables.
// https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/
func auditInsecureCommands(f *file, j *job) []hit {
	find := func(env []pair, where string) []hit {
		for _, p := range env {
			if strings.EqualFold(p.key, "ACTIONS_ALLOW_UNSECURE_COMMANDS") && !strings.EqualFold(p.value.s, "false") && p.value.s != "" {
				return []hit{{kind: kindInsecureCommands, key: where, line: p.value.line, object: where}}
			}
		}
		return nil
	}
	var out []hit
	if len(f.jobs) > 0 && j == &f.jobs[0] {
		out = append(out, find(f.env, "workflow")...)
	}
	out = append(out, find(j.env, j.id)...)
	out = append(out, find(j.matrix, j.id+" matrix")...)
	for i := range j.steps {
		out = append(out, find(j.steps[i].env, j.id+" step")...)
	}
	return out
}

// auditPersisted finds the job's token left on disk where it gets out: kept on
// purpose, or in a checkout that is then uploaded whole.
func auditPersisted(j *job) []hit {
	var out []hit
	kept := false
	for i := range j.steps {
		s := &j.steps[i]
		switch s.action() {
		case "actions/checkout":
			v := strings.ToLower(strings.TrimSpace(s.input("persist-credentials").s))
			if v == "true" {
				out = append(out, hit{kind: kindPersistedCredentials, key: j.id, line: s.input("persist-credentials").line,
					object: j.id, detail: "persist-credentials: true"})
			}
			kept = kept || v != "false"
		case "actions/upload-artifact":
			if kept && wholeTree(s.input("path").s) {
				out = append(out, hit{kind: kindLeakedCredentials, key: j.id, line: s.line, object: j.id,
					detail: "the checkout with its .git folder is uploaded"})
			}
		}
	}
	return out
}

func wholeTree(paths string) bool {
	for p := range strings.Lines(paths) {
		p = strings.TrimSuffix(strings.TrimSpace(p), "/")
		switch p {
		case ".", "..", "*", "**", "./*", "./**", "**/*", ".git", "./.git", "${{ github.workspace }}", "${{github.workspace}}":
			return true
		}
	}
	return false
}
