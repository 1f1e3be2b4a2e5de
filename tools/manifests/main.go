// Command manifests builds the kustomizations below a directory, and looks at what comes out: each must build, and
// every resource must be what Kubernetes 1.30 and later take, with no field that it does not know and none twice.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"sigs.k8s.io/json"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: manifests DIRECTORY")
		os.Exit(2)
	}
	if err := checkAll(os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "manifests: %v\n", err)
		os.Exit(1)
	}
}

// checkAll looks at every kustomization.
func checkAll(top string) error {
	count := 0
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != "kustomization.yaml" {
			return err
		}
		count++
		dir := filepath.Dir(path)
		built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
		if err == nil {
			err = check(built)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		return nil
	})
	if err == nil && count == 0 {
		err = fmt.Errorf("%s: no kustomization.yaml", top)
	}
	return err
}

// check decodes each resource into the type that Kubernetes has for it. kustomize itself refuses a resource that is there twice.
func check(built resmap.ResMap) error {
	for _, resource := range built.Resources() {
		text, err := resource.MarshalJSON()
		if err != nil {
			return err
		}
		if err := decode(resource.GetKind(), text); err != nil {
			return fmt.Errorf("%s: %w", resource.CurId(), err)
		}
	}
	return nil
}

func decode(kind string, text []byte) error {
	switch kind {
	case "Namespace":
		return strictly(text, &core.Namespace{})
	case "DaemonSet":
		return checkDaemonSet(text)
	}
	return errors.New("a kind that is not looked at")
}

// strictly refuses fields that the type does not have, in upper and lower case as the API's server does.
func strictly(text []byte, into any) error {
	wrong, err := json.UnmarshalStrict(text, into)
	return errors.Join(append(wrong, err)...)
}

// checkDaemonSet wants, besides, that each mount is one of a volume.
func checkDaemonSet(text []byte) error {
	var set apps.DaemonSet
	if err := strictly(text, &set); err != nil {
		return err
	}
	volumes := map[string]int{}
	for i := range set.Spec.Template.Spec.Volumes {
		volumes[set.Spec.Template.Spec.Volumes[i].Name]++
	}
	for i := range set.Spec.Template.Spec.Containers {
		for _, m := range set.Spec.Template.Spec.Containers[i].VolumeMounts {
			if volumes[m.Name] != 1 {
				return fmt.Errorf("%d volumes %s", volumes[m.Name], m.Name)
			}
		}
	}
	return nil
}
