
template {
  destination = "{{destination}}"
  perms = "0600"
  left_delimiter = "[["
  right_delimiter = "]]"
  contents = "[[ with secret \"{{path}}\" ]][[ {{value}} ]][[ end ]]"
  # A field that is not there is an error, and not an empty secret.
  error_on_missing_key = true
  # The app takes a new value up as it starts.
  exec {
    command = ["/usr/bin/systemctl", "try-restart", "{{service}}"]
    timeout = "90s"
  }
}
