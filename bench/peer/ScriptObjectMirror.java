package jdk.nashorn.api.scripting;

/** Maxwell 1.22 asks of every value whether it is one of these, which Java 17 no longer has; none ever is. */
public class ScriptObjectMirror extends java.util.HashMap<String, Object> {}
