package command

import "github.com/gatehold/gatehold/internal/detect"

var (
	kindClusterDelete = &kind{
		ID: "command/cluster-delete", Risk: 40,
		Title:       "deletes what runs in a cluster",
		Why:         "What runs there stops for its users until it is created again; hooks and owned resources may take data along.",
		Controls:    []string{detect.ASI02, detect.ASI08, detect.MaestroL4},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "helm uninstall shop\n",
		Quiet:       "helm upgrade shop ./chart\n",
	}
	kindScaleZero = &kind{
		ID: "command/scale-to-zero", Risk: 35,
		Title:       "takes what runs out of service",
		Why:         "Nothing answers until it is scaled up again.",
		Controls:    []string{detect.ASI02, detect.ASI08, detect.MaestroL4},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "kubectl scale deployment/shop --replicas=0\n",
		Quiet:       "kubectl scale deployment/shop --replicas=3\n",
	}
	kindMinor = &kind{
		ID: "command/delete-minor", Risk: 12,
		Title:       "deletes what comes back by itself, or is for tests",
		Why:         "Nothing that holds data or serves users goes.",
		Controls:    []string{detect.ASI02},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "kubectl delete pod shop-1\n",
		Quiet:       "kubectl get pod shop-1\n",
	}
	kindDestroy = &kind{
		ID: "command/destroy-infrastructure", Risk: 85,
		Title:       "destroys infrastructure",
		Why:         "Everything that the configuration describes goes: networks, machines, databases with their backups. It takes hours to build again, and data does not come back.",
		Controls:    []string{detect.ASI02, detect.MaestroL2, detect.MaestroL4, detect.Manage23},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "terraform destroy -auto-approve\n",
		Quiet:       "terraform plan -out plan\n",
	}
	kindUnattended = &kind{
		ID: "command/apply-unattended", Risk: 30,
		Title:       "changes infrastructure without a look at the plan",
		Why:         "The plan may replace or destroy something, and nobody sees it before it happens.",
		Controls:    []string{detect.ASI02, detect.ASI08, detect.MaestroL4},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "terraform apply -auto-approve\n",
		Quiet:       "terraform apply plan.out\n",
	}
	kindStateRemoved = &kind{
		ID: "command/state-removed", Risk: 45,
		Title:       "changes what infrastructure tooling knows",
		Why:         "What is taken out of the state is no longer managed, and the next run creates it a second time, or replaces it.",
		Controls:    []string{detect.ASI02, detect.MaestroL4},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "terraform state rm aws_db_instance.main\n",
		Quiet:       "terraform state list\n",
	}
	kindCloudData = &kind{
		ID: "command/cloud-delete-data", Risk: 75,
		Title:       "deletes data in a cloud",
		Why:         "Buckets, databases, keys and disks are gone when the call returns, with their snapshots where it says so; there is no undo.",
		Controls:    []string{detect.ASI02, detect.MaestroL2, detect.MaestroL4, detect.Manage23},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "aws s3 rb s3://shop-uploads --force\n",
		Quiet:       "aws s3 ls s3://shop-uploads\n",
	}
	kindCloudDelete = &kind{
		ID: "command/cloud-delete", Risk: 50,
		Title:       "deletes something in a cloud",
		Why:         "A resource goes that others may use; to create it again may give it other addresses, keys or rights.",
		Controls:    []string{detect.ASI02, detect.ASI08, detect.MaestroL4},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "az network vnet delete --name core\n",
		Quiet:       "az network vnet show --name core\n",
	}
	kindSyncDelete = &kind{
		ID: "command/sync-delete", Risk: 35,
		Title:       "deletes at the target what is not at the source",
		Why:         "An empty or wrong source empties the target.",
		Controls:    []string{detect.ASI02, detect.MaestroL2},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "aws s3 sync ./public s3://shop-assets --delete\n",
		Quiet:       "aws s3 sync ./public s3://shop-assets\n",
	}
	kindAdmin = &kind{
		ID: "command/grants-administrator", Risk: 60,
		Title:       "gives administrator rights",
		Why:         "Whoever holds the identity may then do anything in the account.",
		Controls:    []string{detect.ASI03, detect.NHI05, detect.MaestroL4},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "aws iam attach-role-policy --role-name ci --policy-arn arn:aws:iam::aws:policy/AdministratorAccess\n",
		Quiet:       "aws iam attach-role-policy --role-name ci --policy-arn arn:aws:iam::aws:policy/ReadOnlyAccess\n",
	}
	kindVolumes = &kind{
		ID: "command/delete-volumes", Risk: 55,
		Title:       "deletes the volumes of containers",
		Why:         "Volumes hold what containers must not lose: their databases and uploads.",
		Controls:    []string{detect.ASI02, detect.MaestroL2, detect.MaestroL4, detect.Manage23},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "docker volume prune -f\n",
		Quiet:       "docker image prune -f\n",
	}
	kindVolumesDown = &kind{
		ID: "command/delete-volumes-of-project", Risk: 25,
		Title:       "deletes a project's volumes with its containers",
		Why:         "The volumes of the project go with it: fine for tests, not where it runs for others.",
		Controls:    []string{detect.ASI02, detect.MaestroL2},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "docker compose down -v\n",
		Quiet:       "docker compose down\n",
	}
	kindHostContainer = &kind{
		ID: "command/container-with-host", Risk: 35,
		Title:       "runs a container with rights over its host",
		Why:         "A privileged container, or one with the Docker socket, is root on the machine.",
		Controls:    []string{detect.ASI05, detect.NHI06, detect.MaestroL4},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "docker run -v /var/run/docker.sock:/var/run/docker.sock tool:1\n",
		Quiet:       "docker run -v \"$PWD\":/src tool:1\n",
	}
	kindRewrite = &kind{
		ID: "command/rewrite-history", Risk: 55,
		Title:       "rewrites shared history",
		Why:         "Commits of others vanish from the branch, and what pointed at them points nowhere; who has no copy has lost them.",
		Controls:    []string{detect.ASI02, detect.ASI10, detect.MaestroL4},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "git push --force origin main\n",
		Quiet:       "git push origin main\n",
	}
)
