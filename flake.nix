# nix run github:nskit/nskit, or nix build in a clone. Without flakes: packaging/nix/package.nix.
{
  description = "Namespace tools in one static binary";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixpkgs-unstable";

  outputs =
    { self, nixpkgs }:
    let
      each = nixpkgs.lib.genAttrs [
        "x86_64-linux"
        "aarch64-linux"
        "riscv64-linux"
        "powerpc64le-linux"
      ];
      # As scripts/version has it.
      version =
        nixpkgs.lib.fileContents ./VERSION
        + "-0.${self.lastModifiedDate or "19700101000000"}.g${self.shortRev or "0.dirty"}";
    in
    {
      packages = each (system: rec {
        nskit = import ./packaging/nix/package.nix {
          pkgs = nixpkgs.legacyPackages.${system};
          inherit version;
        };
        default = nskit;
      });
    };
}
