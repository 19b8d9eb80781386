//! The daily job as texts: units for systemd, a line for cron, an agent for launchd, a task for the
//! Windows Task Scheduler. They are made here for every system, and tested on every system.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::Path;

use crate::args::{Typed, WatchArgs};
use crate::exit::CliError;

/// The name of the job on every system.
pub(super) const NAME: &str = "mta-sts-watch";
/// What every file of the job contains, so that no other file is ever replaced or removed.
pub(super) const MARK: &str = "Written by mta-sts watch. Its option to uninstall removes it.";

/// A program and its arguments.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Job {
    program: String,
    arguments: Vec<String>,
}

impl Job {
    /// The job of this command line: the same, with `--notify`, in any folder.
    ///
    /// # Errors
    /// If a path isn’t text, or can’t be written in any of the formats.
    pub(super) fn of(program: &Path, args: &WatchArgs, json: bool) -> anyhow::Result<Self> {
        let mut arguments = vec!["watch".to_owned()];
        let domains = args.domains.iter().map(Typed::meant);
        arguments.extend(domains.map(ToString::to_string));
        let network = &args.network;
        let option = |name: &str, path: &Path| {
            let path = text(std::path::absolute(path)?.as_os_str())?;
            anyhow::Ok([name.to_owned(), path])
        };
        if let Some(file) = &args.file {
            if file == Path::new("-") {
                let reason = "a daily job has no standard input. Name a file after --file";
                return Err(CliError::usage(reason));
            }
            arguments.extend(option("--file", file)?);
        }
        if let Some(folder) = &args.state {
            arguments.extend(option("--state", folder)?);
        }
        for folder in &args.reports {
            arguments.extend(option("--reports", folder)?);
        }
        for file in &network.trust_root {
            arguments.extend(option("--trust-root", file)?);
        }
        for resolver in &network.resolver {
            arguments.extend(["--resolver".to_owned(), resolver.to_string()]);
        }
        if let Some(secs) = network.timeout {
            arguments.extend(["--timeout".to_owned(), secs.to_string()]);
        }
        let switches = [
            ("--practice", network.practice),
            ("--internal", network.internal),
            ("--json", json),
            ("--notify", true),
        ];
        let switches = switches.into_iter().filter(|(_, is_on)| *is_on);
        arguments.extend(switches.map(|(name, _)| name.to_owned()));
        Ok(Self {
            program: text(program.as_os_str())?,
            arguments,
        })
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        let arguments = self.arguments.iter().map(String::as_str);
        std::iter::once(self.program.as_str()).chain(arguments)
    }

    /// The service that a systemd timer starts (systemd.service(5)).
    pub(super) fn service(&self) -> String {
        let words: Vec<String> = self.words().map(quoted_for_systemd).collect();
        // The colon keeps systemd from reading a dollar sign as a variable.
        format!(
            "# {MARK}\n\
             [Unit]\n\
             Description=Watch MTA-STS\n\
             \n\
             [Service]\n\
             Type=oneshot\n\
             ExecStart=:{}\n\
             # 1: something got worse. 2: something couldn’t be checked.\n\
             SuccessExitStatus=1 2\n",
            words.join(" ")
        )
    }

    /// A line for crontab(5), in which a percent sign is a line end unless it is escaped.
    pub(super) fn cron_line(&self, minute: u8) -> String {
        let quoted = |word: &str| format!("'{}'", word.replace('\'', r"'\''"));
        let words: Vec<String> = self.words().map(quoted).collect();
        format!("{minute} 9 * * * {}", words.join(" ").replace('%', r"\%"))
    }

    /// The agent for launchd (launchd.plist(5)). Its output goes to a file.
    pub(super) fn agent(&self, log: &str, minute: u8) -> String {
        let mut words = String::new();
        for word in self.words() {
            let _ = writeln!(words, "    <string>{}</string>", escaped_for_xml(word));
        }
        let log = escaped_for_xml(log);
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- {MARK} -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>{NAME}</string>
  <key>ProgramArguments</key>
  <array>
{words}  </array>
  <key>StartCalendarInterval</key>
  <dict>
    <key>Hour</key>
    <integer>9</integer>
    <key>Minute</key>
    <integer>{minute}</integer>
  </dict>
  <key>StandardOutPath</key>
  <string>{log}</string>
  <key>StandardErrorPath</key>
  <string>{log}</string>
</dict>
</plist>
"#
        )
    }

    /// The task for the Windows Task Scheduler, in UTF-16 as it wants it.
    ///
    /// # Errors
    /// If a word has two percent signs: the Task Scheduler puts variables between them, and nothing
    /// can keep it from that.
    pub(super) fn task(&self) -> Result<Vec<u8>, String> {
        if let Some(word) = self.words().find(|word| word.matches('%').count() > 1) {
            return Err(format!(
                "{} has two percent signs, between which Windows would put a variable",
                mta_sts_core::escaped(word, 200)
            ));
        }
        let arguments: Vec<String> = self
            .arguments
            .iter()
            .map(|it| quoted_for_windows(it))
            .collect();
        let text = format!(
            r#"<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>{MARK}</Description>
  </RegistrationInfo>
  <Triggers>
    <CalendarTrigger>
      <StartBoundary>2026-01-01T09:00:00</StartBoundary>
      <RandomDelay>PT1H</RandomDelay>
      <ScheduleByDay>
        <DaysInterval>1</DaysInterval>
      </ScheduleByDay>
    </CalendarTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>true</RunOnlyIfNetworkAvailable>
    <ExecutionTimeLimit>PT4H</ExecutionTimeLimit>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{}</Command>
      <Arguments>{}</Arguments>
    </Exec>
  </Actions>
</Task>
"#,
            escaped_for_xml(&self.program),
            escaped_for_xml(&arguments.join(" "))
        );
        let with_mark = std::iter::once('\u{feff}').chain(text.chars());
        let text: String = with_mark.collect();
        Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect())
    }
}

/// The timer that starts the service once a day, also after a day on which the computer was off
/// (systemd.timer(5)).
pub(super) fn timer() -> String {
    format!(
        "# {MARK}\n\
         [Unit]\n\
         Description=Watch MTA-STS every day\n\
         \n\
         [Timer]\n\
         OnCalendar=*-*-* 09:00\n\
         RandomizedDelaySec=1h\n\
         Persistent=true\n\
         \n\
         [Install]\n\
         WantedBy=timers.target\n"
    )
}

/// Whether this program wrote a file of the job.
pub(super) fn is_ours(bytes: &[u8]) -> bool {
    let has = |mark: &[u8]| bytes.windows(mark.len()).any(|part| part == mark);
    let wide: Vec<u8> = MARK.encode_utf16().flat_map(u16::to_le_bytes).collect();
    has(MARK.as_bytes()) || has(&wide)
}

/// A path or an argument as text. Control characters can’t be written in XML.
fn text(word: &OsStr) -> anyhow::Result<String> {
    let is_bad = |it: char| it.is_control() || matches!(it, '\u{fffe}' | '\u{ffff}');
    let text = word.to_str().filter(|text| !text.contains(is_bad));
    text.map(str::to_owned).ok_or_else(|| {
        let word = mta_sts_core::escaped(&word.to_string_lossy(), 200);
        CliError::usage(format!("a daily job can’t name the path {word}"))
    })
}

/// A word in double quotes, with the escapes of systemd.syntax(7). A percent sign is one of its
/// specifiers unless it is doubled.
fn quoted_for_systemd(word: &str) -> String {
    let escaped = word
        .replace('\\', r"\\")
        .replace('"', "\\\"")
        .replace('%', "%%");
    format!("\"{escaped}\"")
}

fn escaped_for_xml(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A word as programs for Windows take their command line apart: backslashes mean themselves unless a
/// quotation mark follows.
fn quoted_for_windows(word: &str) -> String {
    let mut quoted = String::from('"');
    let mut backslashes = 0;
    for character in word.chars() {
        match character {
            '\\' => backslashes += 1,
            '"' => {
                quoted.extend(std::iter::repeat_n('\\', backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        quoted.push(character);
    }
    quoted.extend(std::iter::repeat_n('\\', backslashes));
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use clap::Parser as _;

    use super::*;
    use crate::args::{Args, Command};

    /// What breaks words, quotes, variables, specifiers and XML.
    const ODD: &str = r#"a b"c'd %h 100% $HOME ${X} é“ü” <&> \ ; \\"#;

    fn odd() -> Job {
        Job {
            program: "/opt/mta sts/100% “é”/mta-sts".into(),
            arguments: vec!["watch".into(), ODD.into(), "--notify".into()],
        }
    }

    fn utf16(bytes: &[u8]) -> String {
        let units = bytes.chunks(2).map(|it| u16::from_le_bytes([it[0], it[1]]));
        String::from_utf16(&units.collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn the_job_is_the_same_command_in_any_folder_with_notices() {
        let line = [
            "mta-sts",
            "watch",
            "user@Example.com",
            "bücher.example",
            "--install",
            "--file",
            "list.txt",
            "--reports",
            "mail",
            "--reports",
            "old mail",
            "--resolver",
            "192.0.2.53",
            "--timeout",
            "9",
            "--internal",
            "--json",
        ];
        let args = Args::try_parse_from(line).unwrap();
        let Command::Watch(watch) = args.command else {
            panic!("another command")
        };
        let job = Job::of(Path::new("/usr/bin/mta-sts"), &watch, args.json).unwrap();
        let absolute = |name: &str| {
            let path: PathBuf = std::path::absolute(name).unwrap();
            path.into_os_string().into_string().unwrap()
        };
        let (list, mail, old) = (absolute("list.txt"), absolute("mail"), absolute("old mail"));
        let expected = [
            "watch",
            "example.com",
            "xn--bcher-kva.example",
            "--file",
            &list,
            "--reports",
            &mail,
            "--reports",
            &old,
            "--resolver",
            "192.0.2.53:53",
            "--timeout",
            "9",
            "--internal",
            "--json",
            "--notify",
        ];
        assert_eq!(job.arguments, expected);
        // What is installed is a command line of this program.
        assert!(Args::try_parse_from(job.words()).is_ok());
    }

    #[test]
    fn what_no_job_can_have_is_refused() {
        let job = |line: &[&str]| {
            let line = [&["mta-sts", "watch", "example.com"], line].concat();
            let args = Args::try_parse_from(line).unwrap();
            let Command::Watch(watch) = args.command else {
                panic!("another command")
            };
            Job::of(Path::new("/mta-sts"), &watch, args.json)
        };
        assert!(job(&["--file", "-"]).is_err());
        let error = job(&["--state", "a\nb"]).unwrap_err().to_string();
        assert!(error.contains("a\\u{a}b"), "{error}");
        assert!(job(&["--state", "a b"]).is_ok());
    }

    /// Takes a command line apart as systemd.syntax(7) and systemd.unit(5) say.
    fn systemd_words(line: &str) -> Vec<String> {
        let mut words = Vec::new();
        let mut rest = line.trim_start_matches(':').chars().peekable();
        while rest.next_if_eq(&'"').is_some() {
            let mut word = String::new();
            loop {
                match rest.next().unwrap() {
                    '"' => break,
                    '\\' => word.push(rest.next().unwrap()),
                    '%' => {
                        assert_eq!(rest.next(), Some('%'));
                        word.push('%');
                    }
                    other => word.push(other),
                }
            }
            words.push(word);
            if rest.next().is_none() {
                break;
            }
        }
        words
    }

    #[test]
    fn systemd_reads_the_words_that_were_meant() {
        let service = odd().service();
        let line = service.lines().find_map(|it| it.strip_prefix("ExecStart="));
        let words = systemd_words(line.unwrap());
        assert_eq!(words, odd().words().collect::<Vec<_>>());
        assert!(is_ours(service.as_bytes()) && is_ours(timer().as_bytes()));
        assert!(timer().contains("\nPersistent=true\n"));
    }

    /// What `systemd-analyze verify` says of the units, where it is installed.
    #[cfg(target_os = "linux")]
    #[test]
    fn systemd_accepts_the_units() {
        use std::os::unix::fs::PermissionsExt as _;
        let tool = std::process::Command::new("systemd-analyze")
            .arg("--version")
            .output();
        if tool.is_err() {
            return;
        }
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("mta sts 50%h “é” $HOME");
        std::fs::create_dir(&folder).unwrap();
        let program = folder.join("mta-sts");
        std::fs::write(&program, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let job = Job {
            program: program.to_str().unwrap().to_owned(),
            ..odd()
        };
        let service = place.path().join(format!("{NAME}.service"));
        let timer_path = place.path().join(format!("{NAME}.timer"));
        std::fs::write(&service, job.service()).unwrap();
        std::fs::write(&timer_path, timer()).unwrap();
        let verified = std::process::Command::new("systemd-analyze")
            .args(["--user", "--man=no", "verify"])
            .args([&service, &timer_path])
            .env("XDG_RUNTIME_DIR", place.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&verified.stderr);
        assert!(!said.contains(NAME), "{said}");
        // It does find a fault in them.
        std::fs::write(&service, job.service().replace("%%", "%")).unwrap();
        let verified = std::process::Command::new("systemd-analyze")
            .args(["--user", "--man=no", "verify"])
            .arg(&service)
            .env("XDG_RUNTIME_DIR", place.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&verified.stderr);
        assert!(said.contains(NAME), "{said}");
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_reads_the_words_of_the_cron_line() {
        let job = Job {
            program: "printf".into(),
            arguments: vec!["%s\n".into(), ODD.into(), "x".into()],
        };
        let line = job.cron_line(17);
        let command = line.strip_prefix("17 9 * * * ").unwrap();
        assert_eq!(command.matches('%').count(), command.matches(r"\%").count());
        // What cron hands to the shell.
        let command = command.replace(r"\%", "%");
        let ran = std::process::Command::new("sh")
            .args(["-c", &command])
            .output()
            .unwrap();
        assert_eq!(
            String::from_utf8(ran.stdout).unwrap(),
            format!("{ODD}\nx\n")
        );
    }

    #[test]
    fn launchd_reads_the_words_that_were_meant() {
        let log = "/Users/é & <b>/Library/Logs/mta-sts-watch.log";
        let agent = odd().agent(log, 17);
        let options = roxmltree::ParsingOptions {
            allow_dtd: true,
            ..roxmltree::ParsingOptions::default()
        };
        let plist = roxmltree::Document::parse_with_options(&agent, options).unwrap();
        let value_of = |key: &str| {
            let mut keys = plist.descendants().filter(|it| it.has_tag_name("key"));
            let key = keys.find(|it| it.text() == Some(key)).unwrap();
            key.next_sibling_element().unwrap()
        };
        let words = value_of("ProgramArguments").children();
        let words: Vec<&str> = words
            .filter(roxmltree::Node::is_element)
            .map(|it| it.text().unwrap())
            .collect();
        assert_eq!(words, odd().words().collect::<Vec<_>>());
        assert_eq!(value_of("Label").text(), Some(NAME));
        assert_eq!(value_of("StandardOutPath").text(), Some(log));
        assert_eq!(value_of("Minute").text(), Some("17"));
        assert!(is_ours(agent.as_bytes()));
    }

    /// Takes a command line apart as the C runtime of Windows does.
    fn windows_words(line: &str) -> Vec<String> {
        let characters: Vec<char> = line.chars().collect();
        let mut words = Vec::new();
        let mut word = String::new();
        let (mut in_quotes, mut has_word, mut at) = (false, false, 0);
        while let Some(&character) = characters.get(at) {
            let run = characters[at..]
                .iter()
                .take_while(|it| **it == '\\')
                .count();
            let before_quote = characters.get(at + run) == Some(&'"');
            if run > 0 && before_quote {
                word.extend(std::iter::repeat_n('\\', run / 2));
                at += run;
                if run % 2 == 1 {
                    word.push('"');
                    at += 1;
                }
                continue;
            }
            at += 1;
            match character {
                '"' => (in_quotes, has_word) = (!in_quotes, true),
                ' ' if !in_quotes => {
                    if has_word {
                        words.push(std::mem::take(&mut word));
                    }
                    has_word = false;
                }
                other => {
                    word.push(other);
                    has_word = true;
                }
            }
        }
        if has_word {
            words.push(word);
        }
        words
    }

    #[test]
    fn the_task_scheduler_reads_the_words_that_were_meant() {
        let words = [
            r#"a b"c \ d\"e\\"#,
            r"C:\my reports\",
            "",
            "100%",
            "é“ü” <&>",
        ];
        let job = Job {
            program: r"C:\Program Files\A & B\mta-sts.exe".into(),
            arguments: words.map(str::to_owned).to_vec(),
        };
        let bytes = job.task().unwrap();
        assert!(is_ours(&bytes));
        assert_eq!(&bytes[..2], [0xff, 0xfe], "UTF-16 with its mark");
        let text = utf16(&bytes);
        let task = roxmltree::Document::parse(text.trim_start_matches('\u{feff}')).unwrap();
        let text_of = |name: &str| {
            let mut nodes = task.descendants();
            nodes
                .find(|it| it.tag_name().name() == name)
                .unwrap()
                .text()
                .unwrap()
        };
        assert_eq!(text_of("Command"), job.program);
        assert_eq!(windows_words(text_of("Arguments")), words);
        assert_eq!(text_of("StartWhenAvailable"), "true");
    }

    #[test]
    fn a_variable_for_the_task_scheduler_is_refused() {
        let mut job = odd();
        let error = job.task().unwrap_err();
        assert!(error.contains("two percent signs"), "{error}");
        job.arguments[1] = "100%".into();
        assert!(job.task().is_ok());
    }

    #[test]
    fn another_file_is_not_ours() {
        assert!(!is_ours(b""));
        assert!(!is_ours(b"[Unit]\nDescription=Watch MTA-STS\n"));
    }
}
