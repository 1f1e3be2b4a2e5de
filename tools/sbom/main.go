// Command sbom prints a software bill of materials (CycloneDX 1.6, JSON) of Go
// programs, one or more binaries of each: the modules that their build information names, and Go itself.
//
//	sbom VERSION EPOCH BINARY...
package main

import (
	"debug/buildinfo"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 3 {
		return fmt.Errorf("usage: sbom VERSION EPOCH BINARY...")
	}
	epoch, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil {
		return err
	}
	programs := map[string]map[string]string{}
	for _, path := range args[2:] {
		if err := read(path, programs); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	encoder := cdx.NewBOMEncoder(os.Stdout, cdx.BOMFileFormatJSON)
	return encoder.SetPretty(true).SetEscapeHTML(false).EncodeVersion(document(args[0], epoch, programs), cdx.SpecVersion1_6)
}

// read adds what one binary links: by its program's path, versions by module path.
func read(path string, programs map[string]map[string]string) error {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return err
	}
	linked := programs[info.Path]
	if linked == nil {
		linked = map[string]string{}
		programs[info.Path] = linked
	}
	// Experiments follow the version, which scanners look up.
	version, _, _ := strings.Cut(strings.TrimPrefix(info.GoVersion, "go"), "-X:")
	linked["std"], _, _ = strings.Cut(version, " ")
	for _, dep := range info.Deps {
		if dep.Replace != nil {
			dep = dep.Replace
		}
		linked[dep.Path] = dep.Version
	}
	return nil
}

// document is the bill for a version made at a time: the product, its programs, their modules.
func document(version string, epoch int64, programs map[string]map[string]string) *cdx.BOM {
	product := component(module, version)
	product.Type = cdx.ComponentTypeApplication
	refs := map[string][]string{}
	parts := map[string]cdx.Component{}
	for program, linked := range programs {
		part := component(module, version)
		part.Type, part.Name = cdx.ComponentTypeApplication, program
		part.PackageURL += "#" + strings.TrimPrefix(program, module+"/")
		part.BOMRef = part.PackageURL
		parts[part.BOMRef] = part
		refs[product.BOMRef] = append(refs[product.BOMRef], part.BOMRef)
		for path, version := range linked {
			library := component(path, version)
			parts[library.BOMRef] = library
			refs[part.BOMRef] = append(refs[part.BOMRef], library.BOMRef)
		}
	}
	var components []cdx.Component
	for _, ref := range slices.Sorted(maps.Keys(parts)) {
		components = append(components, parts[ref])
	}
	var dependencies []cdx.Dependency
	for _, ref := range slices.Sorted(maps.Keys(refs)) {
		needed := slices.Sorted(slices.Values(refs[ref]))
		dependencies = append(dependencies, cdx.Dependency{Ref: ref, Dependencies: &needed})
	}
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{Timestamp: time.Unix(epoch, 0).UTC().Format(time.RFC3339), Component: &product}
	bom.Components, bom.Dependencies = &components, &dependencies
	return bom
}

const module = "github.com/nskit/nskit"

// component is a Go module with its package URL.
func component(path, version string) cdx.Component {
	url := "pkg:golang/" + path + "@" + version
	return cdx.Component{BOMRef: url, Type: cdx.ComponentTypeLibrary, Name: path, Version: version, PackageURL: url}
}
