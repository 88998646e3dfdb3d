# Written by harden-python-vps, read by {{name}}-vault.service: the agent of OpenBao or Vault, which fetches secrets of {{name}}
# and writes them to where the app's other secrets are.
vault {
  address = "{{address}}"
{{#if caFile}}
  ca_cert = "{{caFile}}"
{{/if}}
}

# Logs in by AppRole. The secret id is yours to put there; the agent leaves it, since it is needed at each start.
auto_auth {
  method "approle" {
    mount_path = "{{mount}}"
    config = {
      role_id_file_path = "{{folder}}/role-id"
      secret_id_file_path = "{{folder}}/secret-id"
      remove_secret_id_file_after_reading = false
    }
  }
}

template_config {
  # How often it looks for a new value, where the vault does not say when the old one ends.
  static_secret_render_interval = "5m"
}
