import base from "../vite.config";

const proxy = { "/dev/api": { target: "http://127.0.0.1:8653", rewrite: (path: string) => path.replace("/dev", "") } };
export default { ...base, configFile: false, server: { port: 5653, strictPort: true, proxy } };
