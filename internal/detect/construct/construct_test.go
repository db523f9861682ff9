package construct

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// show writes a value the same way whatever language it was in.
func show(p *Program, n *tree.Node) string {
	switch {
	case n == nil:
		return "nil"
	case n.Kind == tree.Map:
		var parts []string
		for _, f := range n.Fields {
			parts = append(parts, f.Key+": "+show(p, f.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case n.Kind == tree.List:
		var parts []string
		for _, item := range n.Items {
			parts = append(parts, show(p, item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case n.Kind == tree.Null:
		return "null"
	case p.CallOf(n) != nil:
		return call(p, p.CallOf(n))
	case n.Tag != "":
		return "<" + strings.Join(strings.Fields(n.Text), " ") + ">"
	case n.Quoted:
		return fmt.Sprintf("%q", n.Text)
	}
	return n.Text
}

func call(p *Program, c *Call) string {
	var parts []string
	for _, a := range c.Args {
		parts = append(parts, show(p, a))
	}
	if c.Set != nil {
		parts = append(parts, show(p, c.Set))
	}
	name := c.Name
	if c.New {
		name = "new " + name
	}
	return name + "(" + strings.Join(parts, ", ") + ")"
}

// The same bucket in each language, and what is hard about one of them.
func TestCallsAreReadInEachLanguage(t *testing.T) {
	for _, c := range []struct{ ext, text, want string }{
		{".ts", "const b = new s3.Bucket(this, 'B', {\n  versioned: true,\n  removalPolicy: cdk.RemovalPolicy.DESTROY,\n});\n",
			`new s3.Bucket(<this>, "B", {versioned: true, removalPolicy: <cdk.RemovalPolicy.DESTROY>})`},
		{".ts", "new T<A, B>(this, `b-${x}`, { ...rest, a, n: -1, f() { return 1; }, l: [1, 'x'], r: { d: Duration.days(7) } } as Props);",
			"new T(<this>, <b-${x}>, {...: <rest>, a: <a>, n: -1, l: [1, \"x\"], r: {d: Duration.days(7)}})"},
		{".ts", "export class S extends Stack {\n  private readonly t: d.Table;\n  constructor(s: C, id: string) {\n    this.t = new d.Table(this, 'T', {});\n  }\n}\n",
			`new d.Table(<this>, "T", {})`},
		{".ts", "if (a) { f(() => { g({ a: b ? 'c' : 'd' }) }) }", `g({a: <b ? 'c' : 'd'>})`},
		{".py", "b = s3.Bucket(\n    self, \"B\",\n    versioned=True,\n    removal_policy=RemovalPolicy.DESTROY,\n    **extra,\n)\n",
			`s3.Bucket(<self>, "B", {versioned: true, removal_policy: <RemovalPolicy.DESTROY>, ...: <extra>})`},
		{".py", "class S(Stack):\n    def __init__(self, scope):\n        d.Table(self, f\"t-{x}\", tags={'a': None, \"b\": [1]})\n",
			`d.Table(<self>, <t-{x}>, {tags: {a: null, b: [1]}})`},
		{".go", "func f() {\n\tb := awss3.NewBucket(stack, jsii.String(\"B\"), &awss3.BucketProps{\n\t\tVersioned: jsii.Bool(true),\n\t\tL: &[]*string{a},\n\t})\n}\n",
			`awss3.NewBucket(<stack>, jsii.String("B"), {Versioned: jsii.Bool(true), L: [<a>]})`},
		{".go", "x := f(map[string]interface{}{\"a\": []string{\"b\"}}, ec2.A{ec2.B{C: pulumi.Int(1)}})\n",
			`f({a: ["b"]}, [{C: pulumi.Int(1)}])`},
		{".java", "Bucket b = Bucket.Builder.create(this, \"B\")\n    .versioned(true)\n    .removalPolicy(RemovalPolicy.DESTROY)\n    .build();\n",
			`new Bucket(<this>, "B", {versioned: true, removalPolicy: <RemovalPolicy.DESTROY>})`},
		{".java", "var i = new Instance(\"orders\", InstanceArgs.builder().engine(\"postgres\").tags(Map.of(\"a\", \"b\")).build());\n",
			`new Instance("orders", {engine: "postgres", tags: Map.of("a", "b")})`},
		{".java", "PolicyStatement.Builder.create().actions(List.of(\"*\")).resources(List.of(\"*\")).build()",
			`new PolicyStatement({actions: List.of("*"), resources: List.of("*")})`},
		{".cs", "var b = new Bucket(this, \"B\", new BucketProps {\n  Versioned = true,\n  L = new[] { \"a\", \"b\" },\n  D = new Dictionary<string, string> { [\"k\"] = \"v\" }\n});",
			`new Bucket(<this>, "B", {Versioned: true, L: ["a", "b"], D: {k: "v"}})`},
		{".cs", "var i = new Aws.Rds.Instance(\"orders\", new() { Engine = \"postgres\" }, new CustomResourceOptions { Protect = true });",
			`new Aws.Rds.Instance("orders", {Engine: "postgres"}, {Protect: true})`},
		{".kt", "Bucket.Builder.create(this, \"B\").versioned(true).build()", `new Bucket(<this>, "B", {versioned: true})`},
	} {
		p := Read(c.text, c.ext)
		var got []string
		for _, made := range p.Calls {
			got = append(got, call(p, made))
		}
		if !strings.Contains(strings.Join(got, "\n"), c.want) {
			t.Errorf("%s\nwant %s\ngot  %s", c.text, c.want, strings.Join(got, "\n     "))
		}
	}
}

func TestNamesLeadToTheirModules(t *testing.T) {
	for _, c := range []struct{ ext, text, name, want string }{
		{".ts", "import * as s3 from 'aws-cdk-lib/aws-s3';", "s3", "aws-cdk-lib/aws-s3 "},
		{".ts", "import { Bucket as B,\n  Key } from \"aws-cdk-lib/aws-s3\"", "B", "aws-cdk-lib/aws-s3 Bucket"},
		{".ts", "import aws, { rds } from '@pulumi/aws'", "rds", "@pulumi/aws rds"},
		{".js", "const { Bucket } = require('aws-cdk-lib/aws-s3');", "Bucket", "aws-cdk-lib/aws-s3 Bucket"},
		{".js", "const aws = require(\"@pulumi/aws\");", "aws", "@pulumi/aws "},
		{".py", "from aws_cdk import (\n    Stack,\n    aws_s3 as s3,\n)", "s3", "aws_cdk aws_s3"},
		{".py", "import pulumi_aws as aws, os", "aws", "pulumi_aws "},
		{".go", "import (\n\t\"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds\"\n\tx \"a/b\"\n)", "rds", "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds "},
		{".java", "import software.amazon.awscdk.services.s3.Bucket;", "Bucket", "software.amazon.awscdk.services.s3 Bucket"},
		{".cs", "using Aws = Pulumi.Aws;", "Aws", "Pulumi.Aws "},
	} {
		p := Read(c.text, c.ext)
		if got := p.Imports[c.name]; got.Module+" "+got.Member != c.want {
			t.Errorf("%s: %s is %q, and not %q (%v)", c.text, c.name, got.Module+" "+got.Member, c.want, p.Imports)
		}
	}
}
