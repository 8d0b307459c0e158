import "@/styles/play.css";

export { PlayScreen as default } from "./play-screen";
