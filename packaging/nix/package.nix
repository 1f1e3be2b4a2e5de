# nix-build packaging/nix/package.nix, in the vendored source archive or in a clone; or call it with pkgs.
{
  pkgs ? import <nixpkgs> { },
  version ? pkgs.lib.fileContents ../../VERSION,
}:

let
  src = ../..;
  # What `go mod vendor` makes, for a clone: the source archive has it. A test compares the sum.
  modules =
    (pkgs.buildGoModule {
      pname = "nskit";
      inherit version src;
      vendorHash = "sha256-FkiIdS3XdY6mePNm1voB5pJlJo8hB5iXjj+9MP4D2EA=";
    }).goModules;
in
pkgs.stdenvNoCC.mkDerivation {
  pname = "nskit";
  inherit version src;
  nativeBuildInputs = [ pkgs.go ];
  buildPhase = ''
    runHook preBuild
    patchShebangs scripts
    ${pkgs.lib.optionalString (!builtins.pathExists ../../vendor) "cp -r ${modules} vendor"}
    export GOCACHE=$TMPDIR/cache GOFLAGS=-mod=vendor GOPROXY=off VERSION=${version}
    scripts/build bin/nskit
    runHook postBuild
  '';
  installPhase = ''
    runHook preInstall
    DESTDIR=$out PREFIX= APPLETS_DIR=/libexec/nskit scripts/install
    runHook postInstall
  '';
  # The layout is chosen for a fast start.
  dontStrip = true;
  meta = {
    description = "Namespace tools in one static binary";
    homepage = "https://github.com/nskit/nskit";
    license = pkgs.lib.licenses.asl20;
    platforms = pkgs.lib.platforms.linux;
    mainProgram = "nskit";
  };
}
