// Command sbom prints a software bill of materials (CycloneDX 1.6, JSON) of Go
// binaries: the modules that their build information names, and Go itself.
//
//	sbom VERSION EPOCH BINARY...
package main

import (
	"debug/buildinfo"
	"fmt"
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
	linked := map[string]string{}
	for _, path := range args[2:] {
		if err := read(path, linked); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	encoder := cdx.NewBOMEncoder(os.Stdout, cdx.BOMFileFormatJSON)
	return encoder.SetPretty(true).SetEscapeHTML(false).EncodeVersion(document(args[0], epoch, linked), cdx.SpecVersion1_6)
}

// read adds what one binary links: versions by module path.
func read(path string, linked map[string]string) error {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return err
	}
	linked["std"] = strings.TrimPrefix(info.GoVersion, "go")
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		linked[module.Path] = module.Version
	}
	return nil
}

// document is the bill for a version made at a time.
func document(version string, epoch int64, linked map[string]string) *cdx.BOM {
	product := component("github.com/nskit/nskit", version)
	product.Type = cdx.ComponentTypeApplication
	var parts []cdx.Component
	var names []string
	for path, version := range linked {
		part := component(path, version)
		parts, names = append(parts, part), append(names, part.BOMRef)
	}
	slices.SortFunc(parts, func(a, b cdx.Component) int { return strings.Compare(a.BOMRef, b.BOMRef) })
	slices.Sort(names)
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{Timestamp: time.Unix(epoch, 0).UTC().Format(time.RFC3339), Component: &product}
	bom.Components = &parts
	bom.Dependencies = &[]cdx.Dependency{{Ref: product.BOMRef, Dependencies: &names}}
	return bom
}

// component is a Go module with its package URL.
func component(path, version string) cdx.Component {
	url := "pkg:golang/" + path + "@" + version
	return cdx.Component{BOMRef: url, Type: cdx.ComponentTypeLibrary, Name: path, Version: version, PackageURL: url}
}
