use super::*;

#[test]
fn the_systems_own_debian_mirror_is_used() {
    let sources = "https://download.docker.com/linux/debian/ bookworm stable Packages
https://mirror.example/debian/ bookworm-updates main Packages
https://mirror.example/debian/ bookworm main Packages
https://mirror.example/debian-security/ bookworm-security main Packages
";
    let expected = Mirrors {
        main: "https://mirror.example/debian/".into(),
        security: "https://mirror.example/debian-security/".into(),
    };
    assert_eq!(mirrors(sources), expected);
}

#[test]
fn another_distributions_mirror_is_not() {
    let sources = "http://archive.ubuntu.com/ubuntu/ noble main Packages\n";
    let expected = Mirrors {
        main: MIRROR.into(),
        security: SECURITY_MIRROR.into(),
    };
    assert_eq!(mirrors(sources), expected);
    assert_eq!(mirrors(""), expected);
}

#[test]
fn the_proxy_is_taken_over_and_lax_verification_is_not() {
    let acquire = r#"Acquire::http::Proxy "http://proxy.example:3128";
Acquire::https::Proxy "DIRECT";
Acquire::AllowInsecureRepositories "1";
Acquire::AllowWeakRepositories "1";
Acquire::Languages:: "de";
"#;
    let config = config(Path::new("/s"), &["amd64", "arm64"], acquire);
    assert!(config.contains(r#"Acquire::http::Proxy "http://proxy.example:3128";"#));
    assert!(config.contains(r#"Acquire::https::Proxy "DIRECT";"#));
    assert!(config.contains(r#"APT::Architectures { "amd64"; "arm64"; };"#));
    assert!(!config.contains("Allow"), "{config}");
    assert!(!config.contains("\"de\""), "{config}");
}

#[test]
fn backports_and_the_newer_debian_are_sources_only_when_asked_for() {
    let mirrors = mirrors("");
    let key = Path::new("/k.gpg");
    let old = sources(&mirrors, key, &["amd64"], Suites::Bookworm);
    assert!(
        !old.contains("backports") && !old.contains("trixie"),
        "{old}"
    );
    let with = sources(
        &mirrors,
        key,
        &["amd64", "arm64"],
        Suites::BookwormBackports,
    );
    assert!(with.contains("Suites: bookworm bookworm-updates bookworm-backports\n"));
    assert_eq!(with.matches("Signed-By: /k.gpg\n").count(), 2);
    let newer = sources(&mirrors, key, &["amd64"], Suites::TrixieBackports);
    assert!(newer.contains("Suites: trixie trixie-updates trixie-backports\n"));
    assert!(
        newer.contains("Suites: trixie-security\n") && !newer.contains("bookworm"),
        "{newer}"
    );
}

#[test]
fn every_stanza_of_apt_cache_is_read() {
    let text = "Package: linux-headers-6.1.0-56-arm64
Version: 6.1.192-2
Architecture: arm64
Depends: linux-headers-6.1.0-56-common (= 6.1.192-2), linux-kbuild-6.1:any (>= 6.1.192-2), gcc-12 | gcc
Description-en: headers
 for a kernel
Installed-Size: 3000
Size: 1835236

Package: linux-headers-6.1.0-56-arm64
Version: 6.1.190-1
Architecture: arm64
Size: 1
";
    let packages = parse(text);
    assert_eq!(packages.len(), 2);
    let sizes = |package: &Package| (package.size, package.unpacked);
    assert_eq!(sizes(&packages[0]), (1_835_236, 3_072_000));
    assert_eq!(sizes(&packages[1]), (1, 1));
    assert_eq!(
        packages[0].depends,
        [
            "linux-headers-6.1.0-56-common",
            "linux-kbuild-6.1",
            "gcc-12"
        ]
    );
}
