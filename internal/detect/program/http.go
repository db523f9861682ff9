package program

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/shell"
	"github.com/gatehold/gatehold/internal/detect/source"
	"github.com/gatehold/gatehold/internal/detect/tool"
)

// requests are names of calls that send one.
var requests = setOf(`fetch request axios delete del deleteasync newrequest newrequestwithcontext ajax got ky needle send sendasync new
	curlsetopt uri method httprequestmessage superagent ofetch urlopen httpie call req open url requestasync execute`)

// request finds a DELETE that a program sends to a provider: the same that a
// command does, and judged by the same table.
func (r *reader) request(c *call, f func(hit)) {
	if !requests[c.name] || !c.deletes() {
		return
	}
	url := r.address(c.args, 0)
	if url == "" { // newBuilder(URI.create("…")).DELETE()
		from := c.from - 1
		for from > max(0, c.from-40) && !r.at(from).Is(";") && !r.at(from).Is("{") && !r.at(from).Is("=") {
			from--
		}
		url = r.address(r.toks[from:c.from], 0)
	}
	if url == "" || len(c.chain) == 0 && c.name == "delete" && len(c.args) == 0 {
		return
	}
	r.asCommand(c.line, r.text(c), []string{"curl", "-X", "DELETE", url}, r.inside(c.from), f)
}

// deletes tells whether a call sends a DELETE.
func (c *call) deletes() bool {
	if c.name == "delete" || c.name == "del" || c.name == "deleteasync" || c.name == "new" && len(c.chain) > 0 && c.chain[0] == "delete" {
		return true
	}
	for i, t := range c.args {
		switch {
		case t.Kind == source.String && strings.EqualFold(t.Text, "DELETE"):
			return true
		case t.Kind == source.Symbol && t.Text == "delete", t.Is("MethodDelete"):
			return true
		case (t.Is("Delete") || t.Is("DELETE")) && i > 1 && c.args[i-1].Is("."):
			return true
		}
	}
	for _, name := range c.behind {
		if name == "delete" {
			return true
		}
	}
	return false
}

// address is the address in some arguments, as far as it is written down: with
// its host.
func (r *reader) address(toks []source.Token, depth int) string {
	url := ""
	for i, t := range toks {
		if i > 80 {
			break
		}
		text := ""
		switch t.Kind {
		case source.String:
			text = r.filled(t.Text, depth)
		case source.Name:
			if at, ok := r.given[t.Text]; ok && depth < maxGiven && (i == 0 || !toks[i-1].Is(".")) {
				text = r.address(r.line(at), depth+1)
			}
		default:
			if url != "" && t.Is(",") {
				return url
			}
			continue
		}
		switch {
		case url == "" && hosted(text):
			url = text
		case url != "":
			url += text
		}
	}
	return url
}

// line are the tokens from one to the end of its statement.
func (r *reader) line(at int) []source.Token {
	end := at
	for end < min(len(r.toks), at+30) && r.toks[end].Kind != source.Newline && !r.toks[end].Is(";") {
		end++
	}
	return r.toks[at:end]
}

// filled puts what names were given in their places in a text.
func (r *reader) filled(text string, depth int) string {
	for _, open := range [...]string{"${", "#{", "{"} {
		if strings.HasPrefix(text, open) {
			name, rest, ok := strings.Cut(text[len(open):], "}")
			if at, known := r.given[name]; ok && known && depth < maxGiven {
				return r.address(r.line(at), depth+1) + rest
			}
		}
	}
	return text
}

// hosted tells whether a text begins with an address whose host is written down.
func hosted(text string) bool {
	_, rest, ok := strings.Cut(text, "://")
	return ok && len(rest) > 3 && (rest[0] >= 'a' && rest[0] <= 'z' || rest[0] >= '0' && rest[0] <= '9') && !strings.ContainsAny(text, " \n")
}

// fromCommands are the kinds of this detector that kinds of commands are.
var fromCommands = map[string]string{"cloud-delete-data": "delete-cloud-data", "flush-store": "delete-store",
	"delete-repository": "delete-repository", "remove-protection": "remove-protection"}

// asCommand judges what is sent as a command that sends it.
func (r *reader) asCommand(line int, text string, words []string, spare bool, f func(hit)) {
	c := &shell.Command{}
	for _, w := range words {
		c.Words = append(c.Words, shell.Word{Text: w, Known: true, Quoted: strings.Contains(w, " ")})
	}
	for _, m := range tool.Shipped().Match(c) {
		kind := named[fromCommands[m.Kind]]
		url := words[len(words)-1]
		if kind == nil || kind == named["delete-cloud-data"] && !r.provides(url) {
			continue
		}
		f(hit{kind: kind, line: line, object: url, detail: "DELETE", text: text, spare: spare || r.memory || spared(url)})
	}
}

// provides tells whether an address is one of a provider, and not what a page of the
// program's own asks its server.
func (r *reader) provides(url string) bool {
	low := strings.ToLower(url)
	return anyIn(low, hosts) || anyIn(low, storage) && !r.signed(pages)
}

// hosts are parts of the addresses of providers.
var hosts = []string{"railway.", "vercel.com", "render.com", "fly.io", "machines.dev", "netlify.com", "heroku.com", "digitalocean.com",
	"cloudflare.com", "supabase.", "neon.tech", "planetscale.com", "management.azure.com", "googleapis.com", "amazonaws.com", "linode.com",
	"hetzner.", "vultr.com", "scaleway.com", "ovh.", "upcloud.com", "mongodb.com", "pinecone.io", "aiven.io", "elastic.co", "upstash.com",
	"confluent.cloud", "cockroachlabs.cloud", "hashicorp.cloud", "terraform.io", "pulumi.com", "github.com", "gitlab.", "bitbucket.org",
	"turso.tech", "xata.io", "convex.", "nile", "koyeb.com", "northflank.com", "civo.com", "equinix.com", "databricks.com",
	"snowflakecomputing",
	"redislabs.com", "weaviate.", "qdrant.io", "datadoghq.", "auth0.com", "okta.com", "stripe.com", "twilio.com", "fastly.com"}

// storage are parts of paths under which data lies.
var storage = []string{"/databases/", "/database/", "/postgres/", "/mysql/", "/redis/", "/mongo/", "/volumes/", "/volume/", "/buckets/",
	"/bucket/", "/clusters/", "/droplets/", "/snapshots/", "/backups/", "/disks/", "/keyspaces/", "/persistentvolume", "/instances/",
	"/servers/", "/zones/"}

// pages are parts of programs that show something to people.
var pages = []string{"react", "usestate", "vue", "svelte", "angular", "'use client'", `"use client"`, "next/"}

// mutation finds a text of GraphQL that deletes, sent to a provider.
func (r *reader) mutation(t source.Token, f func(hit)) {
	if len(t.Text) > 20_000 || !strings.Contains(t.Text, "mutation") {
		return
	}
	url := r.graphql()
	if url == "" {
		return
	}
	text := strings.Join(strings.Fields(t.Text), " ")
	r.asCommand(t.Line, text, []string{"curl", "-d", text, url}, false, f)
}

// graphqlOf is the address of a provider's GraphQL that a program names.
func graphqlOf(toks []source.Token) string {
	for _, s := range toks {
		if s.Kind == source.String && hosted(s.Text) && strings.Contains(s.Text, "graphql") && anyIn(strings.ToLower(s.Text), hosts) {
			return s.Text
		}
	}
	return ""
}
