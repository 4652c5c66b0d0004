//! For both build scripts: every message file below a folder, in the order of
//! their names, as the compiler wants them. Knows no message.

pub fn below(wire: &std::path::Path) -> std::io::Result<Vec<std::path::PathBuf>> {
    let (mut found, mut folders) = (Vec::new(), vec![wire.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            match path.extension() {
                Some(extension) if extension == "proto" => {
                    let inside = path.strip_prefix(wire).map_err(std::io::Error::other)?;
                    found.push(inside.to_owned());
                }
                _ if path.is_dir() => folders.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    Ok(found)
}
