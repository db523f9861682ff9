// Package trust writes what a cloud has to be told to believe an identity of gatehold's:
// for one credential of the rules, by the narrowest condition that the cloud knows. What
// it is made from may hold any characters; it comes out quoted for where it stands.
package trust

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Identity is what a cloud is to believe, and nothing else.
type Identity struct {
	Issuer       string // URL, no slash at its end
	Subject      string
	Audience     string
	Credential   string // its id in the rules
	RepositoryID string // empty: not said
	Gate         bool   // the rules ask for a gate that was released
}

// The providers and the formats.
const (
	AWS   = "aws"
	GCP   = "gcp"
	Azure = "azure"
	Vault = "vault"

	Terraform      = "terraform"
	CLI            = "cli"
	CloudFormation = "cloudformation"
)

// writers are what can be written, the usual format of a provider first.
var writers = map[string]map[string]func(Identity) string{
	AWS:   {Terraform: awsTerraform, CLI: awsCLI, CloudFormation: awsCloudFormation},
	GCP:   {Terraform: gcpTerraform, CLI: gcpCLI},
	Azure: {Terraform: azureTerraform, CLI: azureCLI},
	Vault: {Terraform: vaultTerraform, CLI: vaultCLI},
}

// Providers are those that are known.
func Providers() []string { return []string{AWS, GCP, Azure, Vault} }

// Formats are those that a provider has.
func Formats(provider string) []string { return slices.Sorted(maps.Keys(writers[provider])) }

// maxGoogleSubject is how many bytes a google.subject may have.
// https://cloud.google.com/iam/docs/workload-identity-federation#mapping
const maxGoogleSubject = 127

// Write writes what a provider is told. Its error is a sentence.
func Write(provider, format string, of Identity) (string, error) {
	write := writers[provider][format]
	switch {
	case write == nil:
		return "", fmt.Errorf("there is no format %s for %s", format, provider)
	case strings.ContainsFunc(of.Issuer+of.Subject+of.Audience, unicode.IsControl) || !utf8.ValidString(of.Subject+of.Audience):
		return "", errors.New("the subject or the audience holds characters that no cloud takes")
	case provider == GCP && len(of.Subject) > maxGoogleSubject:
		return "", fmt.Errorf("a subject has at most %d bytes for Google Cloud, and this one has %d: give the environment a shorter name",
			maxGoogleSubject, len(of.Subject))
	}
	return strings.TrimLeft(write(of), "\n"), nil
}

// label is how a credential is called in Terraform.
func (i Identity) label() string { return "gatehold_" + strings.ReplaceAll(i.Credential, "-", "_") }

// name is how it is called in a cloud, at most of a length.
func (i Identity) name(most int) string {
	n := "gatehold-" + i.Credential
	return strings.TrimRight(n[:min(len(n), most)], "-")
}

// facts are the claims that are compared beside the subject.
func (i Identity) facts() map[string]string {
	out := map[string]string{"credential": i.Credential}
	if i.RepositoryID != "" {
		out["repository_id"] = i.RepositoryID
	}
	return out
}

// quoted is a text in JSON, as CEL has it too.
func quoted(text string) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil { // of a text
		return `""`
	}
	return strings.TrimSpace(out.String())
}

// hcl is a text in the language of Terraform, in which ${ and %{ begin a template.
func hcl(text string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(quoted(text))
}

// shell is a text as one word of a shell's.
func shell(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// document is a value as JSON.
func document(value any) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(value); err != nil { // of texts, lists and maps of them
		return "{}"
	}
	return strings.TrimSpace(out.String())
}

// assigns are lines of Terraform that are aligned, from pairs of a name and an expression.
func assigns(indent string, pairs ...string) string {
	wide := 0
	for i := 0; i < len(pairs); i += 2 {
		wide = max(wide, len(pairs[i]))
	}
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, "%s%-*s = %s\n", indent, wide, pairs[i], pairs[i+1])
	}
	return b.String()
}
