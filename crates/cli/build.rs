//! Gives the Windows program its icon, its version and its manifest.

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=../../assets/icon/icon.ico");
    println!("cargo::rerun-if-changed=../../packaging/windows/app.manifest");
    if std::env::var_os("CARGO_CFG_WINDOWS").is_none() {
        return Ok(());
    }
    winresource::WindowsResource::new()
        .set_icon("../../assets/icon/icon.ico")
        .set_manifest_file("../../packaging/windows/app.manifest")
        .set("FileDescription", "The mta-sts command")
        .set("ProductName", "MTA-STS Wizard")
        .set("OriginalFilename", "mta-sts.exe")
        .set("LegalCopyright", "MIT or Apache-2.0")
        .compile()
}
