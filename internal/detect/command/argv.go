package command

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// argvKeys are the keys of which a container's runner makes one command line, in
// this order: Docker's, then those of Kubernetes, Tekton and Cloud Build.
var argvKeys = []string{"entrypoint", "command", "args"}

// argvPieces are the command lines that YAML says word by word in lists. One
// that a shell is given as its script is read where the script stands.
func (c cutter) argvPieces(docs []*tree.Node, have []piece) []piece {
	known := map[string]bool{}
	for _, p := range have {
		known[bare(p.text)] = true
	}
	var out []piece
	for _, doc := range docs {
		compose := doc.Has("services")
		tree.Walk(doc, func(keys []string, n *tree.Node) bool {
			words, from, to := argv(n, compose)
			if len(keys) > 1 && bootKeys[keys[len(keys)-2]] && n.IsList() {
				words, from, to = n.Strings(), n.At(), n.At()
			}
			if len(words) < 2 || !worth(c.words, strings.Join(words, " ")) {
				return true
			}
			if text := asWords(words); !known[bare(text)] {
				known[bare(text)] = true
				out = append(out, piece{text: text, line: from, end: to})
			}
			return true
		})
	}
	return append(append(out, disks(docs)...), c.writtenFiles(docs)...)
}

// bootKeys are the lists of cloud-init whose entries may be command lines.
// https://docs.cloud-init.io/en/latest/reference/modules.html#runcmd
var bootKeys = map[string]bool{"runcmd": true, "bootcmd": true}

// disks are what cloud-init is told to make anew on a disk that has something,
// as the commands that it runs for it.
// https://docs.cloud-init.io/en/latest/reference/modules.html#disk-setup
func disks(docs []*tree.Node) (out []piece) {
	for _, doc := range docs {
		for _, d := range doc.Get("disk_setup").Entries() {
			if at := d.Value.Get("overwrite"); at.True() {
				out = append(out, piece{text: asWords([]string{"wipefs", "-a", d.Key}), line: at.Line, end: at.Line})
			}
		}
		for _, f := range doc.Get("fs_setup").Each() {
			if at := f.Get("overwrite"); at.True() {
				out = append(out, piece{text: asWords([]string{"mkfs", "-F", f.Get("device").Str()}), line: at.Line, end: at.Line})
			}
		}
	}
	return out
}

// writtenFiles are the commands of the tables of jobs that cloud-init writes.
// https://docs.cloud-init.io/en/latest/reference/modules.html#write-files
func (c cutter) writtenFiles(docs []*tree.Node) (out []piece) {
	for _, doc := range docs {
		for _, f := range doc.Get("write_files").Each() {
			text := f.Get("content")
			if !strings.Contains(f.Get("path").Str(), "/cron") {
				continue // a script's lines are read where they stand
			}
			for _, p := range c.schedule(text.Str()) {
				p.line, p.end = p.line+text.At(), p.end+text.At()
				out = append(out, p)
			}
		}
	}
	return out
}

// maxArgv bounds the words of one command line.
const maxArgv = 200

// argv is the command line of a container, if one of its parts is a list. Where
// it gives arguments alone, the image's own program is the first word: Compose
// calls by "command" what Kubernetes calls "args".
func argv(n *tree.Node, compose bool) (words []string, from, to int) {
	if !n.IsMap() {
		return nil, 0, 0
	}
	for _, key := range argvKeys {
		list := n.Get(key)
		if !list.IsList() {
			continue
		}
		for _, item := range list.Items {
			if item.Kind != tree.Scalar || len(words) == maxArgv {
				return nil, 0, 0
			}
			words, to = append(words, item.Text), max(to, item.Line)
			if from == 0 {
				from = item.Line
			}
		}
	}
	if program := programOf(n); program != "" && len(words) > 0 && !n.Has("entrypoint") && (compose || !n.Has("command")) {
		words = append([]string{program}, words...)
	}
	return words, from, to
}

// programs are the programs that images run by themselves, by the last part of
// the image's name.
var programs = map[string]string{"terraform": "terraform", "opentofu": "tofu", "gcloud": "gcloud", "kubectl": "kubectl", "helm": "helm",
	"aws-cli": "aws", "pulumi": "pulumi", "rclone": "rclone", "mc": "mc", "gsutil": "gsutil", "terragrunt": "terragrunt"}

// programOf is what the image of a container, or of a step of Cloud Build, runs.
func programOf(n *tree.Node) string {
	image := n.Get("image").Str()
	if image == "" && strings.Contains(n.Get("name").Str(), "/") {
		image = n.Get("name").Str()
	}
	image = image[strings.LastIndexByte(image, '/')+1:]
	image, _, _ = strings.Cut(image, "@")
	image, _, _ = strings.Cut(image, ":")
	return programs[image]
}

// asWords writes words so that a shell reads each as one.
func asWords(words []string) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString("'" + strings.ReplaceAll(w, "'", `'\''`) + "'")
	}
	return b.String()
}

// bare is a text without what only says where its words end.
func bare(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n'\"\\", r) }), " ")
}
