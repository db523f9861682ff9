package trust_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"mvdan.cc/sh/v3/syntax"
	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/issuer/trust"
)

var update = flag.Bool("update", false, "write what comes out to testdata")

var deploy = trust.Identity{Issuer: "https://gate.acme.example", Subject: "repo:acme/shop:environment:production", Audience: "sts.amazonaws.com",
	Credential: "deploy-eu", RepositoryID: "42", Gate: true}

func each(t interface{ Errorf(string, ...any) }, do func(provider, format string)) {
	n := 0
	for _, provider := range trust.Providers() {
		for _, format := range trust.Formats(provider) {
			do(provider, format)
			n++
		}
	}
	if n != 9 {
		t.Errorf("%d snippets were tried", n)
	}
}

// What is written is what stands in testdata, which somebody has read.
func TestWhatACloudIsTold(t *testing.T) {
	t.Parallel()
	each(t, func(provider, format string) {
		got, err := trust.Write(provider, format, deploy)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join("testdata", provider+"-"+format+".golden")
		if *update {
			if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(name); err != nil || string(want) != got {
			t.Errorf("%s %s is not as in %s: %v\n%s", provider, format, name, err, got)
		}
	})
}

// Whatever stands in rules: it is read back as it was by who reads the snippet, and adds
// nothing to it.
func TestNothingGetsOutOfItsPlace(t *testing.T) {
	t.Parallel()
	hostile := rapid.OneOf(rapid.StringN(1, 20, 60), rapid.SampledFrom([]string{`"`, "'", "${var.x}", "%{if true}x%{endif}", `\`, "$(id)", "`id`",
		"\nPOLICY\nid\n", "\nROLE\nid\n", "*", "a\" || true || \"", "<&>", "$ACCOUNT_ID", "é"}))
	rapid.Check(t, func(rt *rapid.T) {
		of := deploy
		of.Subject = "repo:acme/shop:environment:" + hostile.Draw(rt, "environment")
		of.Audience = hostile.Draw(rt, "audience")
		of.Gate = rapid.Bool().Draw(rt, "gate")
		each(rt, func(provider, format string) {
			text, err := trust.Write(provider, format, of)
			control := strings.ContainsFunc(of.Subject+of.Audience, unicode.IsControl)
			switch {
			case control && err != nil:
			case control:
				rt.Errorf("%s %s takes what no cloud does: %s", provider, format, text)
			case err != nil:
				rt.Fatal(err)
			case format == trust.Terraform:
				plain, _ := trust.Write(provider, format, deploy)
				terraform(rt, text, plain, provider, of)
			case format == trust.CLI:
				plain, _ := trust.Write(provider, format, deploy)
				if got, want := calls(rt, text), calls(rt, plain); !slices.Equal(got, want) {
					rt.Errorf("%s runs %v, and should run %v:\n%s", provider, got, want, text)
				}
			default:
				if !json.Valid([]byte(text)) {
					rt.Errorf("this is no JSON: %s", text)
				}
			}
		})
	})
}

// terraform reads a snippet as Terraform does: of the same blocks, and every text with
// nothing to evaluate but what the plain one has.
func terraform(t *rapid.T, text, plain, provider string, of trust.Identity) {
	parse := func(text string) *hclsyntax.Body {
		file, problems := hclsyntax.ParseConfig([]byte(text), "x.tf", hcl.InitialPos)
		if problems.HasErrors() {
			t.Fatalf("%s: %v\n%s", provider, problems, text)
		}
		return file.Body.(*hclsyntax.Body)
	}
	got, want := parse(text), parse(plain)
	if len(got.Blocks) != len(want.Blocks) || len(got.Attributes) != len(want.Attributes) {
		t.Fatalf("%s has other blocks:\n%s", provider, text)
	}
	found := map[string]bool{}
	variables := 0
	_ = hclsyntax.VisitAll(got, func(n hclsyntax.Node) hcl.Diagnostics {
		switch n := n.(type) {
		case *hclsyntax.ScopeTraversalExpr:
			variables++
		case *hclsyntax.TemplateExpr:
			if v, problems := n.Value(nil); !problems.HasErrors() {
				found[v.AsString()] = true
			}
		}
		return nil
	})
	had := 0
	_ = hclsyntax.VisitAll(want, func(n hclsyntax.Node) hcl.Diagnostics {
		if _, is := n.(*hclsyntax.ScopeTraversalExpr); is {
			had++
		}
		return nil
	})
	clean := func(s string) string { return cty.StringVal(s).AsString() } // Terraform composes characters
	if variables != had || !found[clean(of.Audience)] {
		t.Errorf("%s evaluates %d variables, and should %d, or lacks the audience:\n%s", provider, variables, had, text)
	}
	if provider != trust.GCP && !found[clean(of.Subject)] {
		t.Errorf("%s lacks the subject:\n%s", provider, text)
	}
}

// calls are the commands that a script runs, and how often it expands something.
func calls(t *rapid.T, text string) (out []string) {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(text), "x.sh")
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CallExpr:
			if len(n.Args) > 0 {
				out = append(out, n.Args[0].Lit())
			}
		case *syntax.ParamExp:
			out = append(out, "$"+n.Param.Value)
		}
		return true
	})
	return out
}

// AWS is told exactly: no condition has a pattern in it, or may be absent.
func TestTheConditionOfAWS(t *testing.T) {
	t.Parallel()
	text, err := trust.Write(trust.AWS, trust.CloudFormation, deploy)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"sts:TagSession"`, `"gate.acme.example:sub": "repo:acme/shop:environment:production"`,
		`"gate.acme.example:aud": "sts.amazonaws.com"`, `"aws:RequestTag/repository_id": "42"`, `"aws:RequestTag/credential": "deploy-eu"`,
		`"aws:RequestTag/gate": "false"`} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %s: %s", want, text)
		}
	}
	for _, not := range []string{"StringLike", "IfExists", "ForAllValues", "ForAnyValue", `*`} {
		if strings.Contains(text, not) {
			t.Errorf("it has %s: %s", not, text)
		}
	}
}

// Google Cloud takes no long subject, and what nobody has is not written.
func TestWhatCannotBeWritten(t *testing.T) {
	t.Parallel()
	of := deploy
	of.Subject = strings.Repeat("x", 128)
	if _, err := trust.Write(trust.GCP, trust.Terraform, of); err == nil {
		t.Error("a subject is written that Google Cloud does not take")
	}
	if _, err := trust.Write(trust.GCP, trust.CloudFormation, deploy); err == nil {
		t.Error("Google Cloud is told in CloudFormation")
	}
}
