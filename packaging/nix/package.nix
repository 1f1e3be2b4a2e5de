# nix-build packaging/nix/package.nix, or callPackage it.
{
  pkgs ? import <nixpkgs> { },
}:

pkgs.stdenvNoCC.mkDerivation {
  pname = "nskit";
  version = "1.0.0";
  # The vendored source archive of the release, unpacked.
  src = ../..;
  nativeBuildInputs = [ pkgs.go ];
  buildPhase = ''
    patchShebangs scripts
    export GOCACHE=$TMPDIR/cache GOFLAGS=-mod=vendor GOPROXY=off VERSION=1.0.0
    scripts/build bin/nskit
  '';
  installPhase = ''
    DESTDIR=$out PREFIX= APPLETS_DIR=/libexec/nskit scripts/install
    for link in $out/libexec/nskit/*; do ln -sf ../../bin/nskit $link; done
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
