// What the page says, in the language that the server has chosen for it.
export const language = document.documentElement.lang === "zh" ? "zh" : "en";

const TEXTS = {
  en: {
    title: "Zhanwang GraphiQL",
    lead: "Ask the network of stations. Log in to see what your account sees.",
    username: "Username",
    password: "Password",
    logIn: "Log in",
    loggingIn: "Logging in …",
    issuer: "Sign in at",
    logOut: "Log out",
    unreachable: "The server does not answer. Try again in a moment.",
    over: "The session is over. Log in again.",
    grant: "Acts as",
    home: "Home",
    examples: "Examples",
    examplesLead: "Each opens in a tab of its own.",
    loading: "Loading …",
    roles: { OBSERVER: "Observer", WORKER: "Worker", MANAGER: "Manager", ADMINISTRATOR: "Administrator" },
  },
  zh: {
    title: "站网 GraphiQL",
    lead: "查询社工站网络。登录后，看到的是您的账号所能看到的内容。",
    username: "用户名",
    password: "密码",
    logIn: "登录",
    loggingIn: "正在登录……",
    issuer: "前往登录：",
    logOut: "退出登录",
    unreachable: "服务器没有应答，请稍后再试。",
    over: "会话已结束，请重新登录。",
    grant: "当前授权",
    home: "首页",
    examples: "示例",
    examplesLead: "每个示例在新标签页中打开。",
    loading: "正在加载……",
    roles: { OBSERVER: "观察员", WORKER: "工作人员", MANAGER: "管理员", ADMINISTRATOR: "系统管理员" },
  },
};

export const texts = TEXTS[language];
