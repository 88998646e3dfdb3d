/** Debian packages that tests want on a server beforehand. Each set is a layer to build (image.ts), so tests share these. */
export const database = ['postgresql', 'python3-venv', 'restic'];
export const certificates = ['nginx', 'certbot', 'openssl', 'curl', 'logrotate', 'python3'];
export const ufw = ['ufw', 'nftables', 'socat'];
export const firewalld = ['firewalld', 'nftables', 'socat'];
/** For whoever looks from inside: a terminal that stays, a socket that listens. */
export const bystander = ['socat', 'tmux'];
