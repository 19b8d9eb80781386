; The installer for Windows: for one user, without administrator rights.
; packaging/build passes VERSION, FOLDER (the files), TOP (the project) and OUT (the installer).
;
; Silent: setup.exe /S installs, uninstall.exe /S removes. /D=FOLDER, as the last argument and without
; quotation marks, names another folder. /NOPATH leaves the PATH alone. Exit status: 0 done, 1 cancelled,
; 2 not done, for example because the program is running.

Unicode true
Target amd64-unicode
ManifestDPIAware true
SetCompressor /SOLID lzma

!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "LogicLib.nsh"
!include "StrFunc.nsh"
${Using:StrFunc} StrStr
${Using:StrFunc} UnStrStr
${Using:StrFunc} UnStrRep

!define NAME "MTA-STS Wizard"
!define PROGRAM "mta-sts-wizard.exe"
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\mta-sts-wizard"

Name "${NAME}"
OutFile "${OUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
InstallDirRegKey HKCU "${KEY}" "InstallLocation"
BrandingText "${NAME} ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "${NAME}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileDescription "${NAME} Setup"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey LegalCopyright "MIT or Apache-2.0"

!define MUI_ICON "${TOP}/assets/icon/icon.ico"
!define MUI_UNICON "${TOP}/assets/icon/icon.ico"
!define MUI_FINISHPAGE_RUN "$INSTDIR\${PROGRAM}"
!define MUI_ABORTWARNING
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

; A program that is running can't be opened for writing.
!macro NoteRunning FILE
  ${If} ${FileExists} "$INSTDIR\${FILE}"
    ClearErrors
    FileOpen $0 "$INSTDIR\${FILE}" a
    ${If} ${Errors}
      StrCpy $1 "${FILE}"
    ${Else}
      FileClose $0
    ${EndIf}
  ${EndIf}
!macroend

; The PATH of the user in $0. "too long" in $1 if it doesn't fit into a variable: then it must stay as it
; is, because writing would cut it.
!macro ReadPath
  StrCpy $1 ""
  ClearErrors
  ReadRegStr $0 HKCU "Environment" "Path"
  ${If} ${Errors}
    ; Missing, or longer than a variable. Only the list of the values tells which.
    StrCpy $2 0
    ${Do}
      EnumRegValue $3 HKCU "Environment" $2
      ${If} $3 == "Path"
        StrCpy $1 "too long"
      ${EndIf}
      IntOp $2 $2 + 1
    ${LoopUntil} $3 == ""
  ${EndIf}
  StrLen $2 "$0;$INSTDIR"
  IntOp $2 $2 + 3
  ${If} $2 >= ${NSIS_MAX_STRLEN}
    StrCpy $1 "too long"
  ${EndIf}
!macroend

!macro StopWhileRunning UN
Function ${UN}StopWhileRunning
  ${Do}
    StrCpy $1 ""
    !insertmacro NoteRunning "${PROGRAM}"
    !insertmacro NoteRunning "mta-sts.exe"
    ${If} $1 == ""
      Return
    ${EndIf}
    MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION \
      "${NAME} is running ($1). Close it, then press Retry. Nothing has been changed." \
      /SD IDCANCEL IDRETRY again
    SetErrorLevel 2
    Quit
    again:
  ${Loop}
FunctionEnd
!macroend
!insertmacro StopWhileRunning ""
!insertmacro StopWhileRunning "un."

Section "${NAME}"
  SectionIn RO
  Call StopWhileRunning
  SetOutPath "$INSTDIR"
  File "${FOLDER}/*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\${PROGRAM}"
  WriteRegStr HKCU "${KEY}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${KEY}" "DisplayIcon" "$INSTDIR\${PROGRAM}"
  WriteRegStr HKCU "${KEY}" "Publisher" "${NAME}"
  WriteRegStr HKCU "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${KEY}" "EstimatedSize" $0
SectionEnd

Section "mta-sts in the PATH" PATH_SECTION
  !insertmacro ReadPath
  ${If} $1 == "too long"
    DetailPrint "The PATH is too long to be changed safely. The command is in $INSTDIR."
  ${Else}
    ${StrStr} $1 ";$0;" ";$INSTDIR;"
    ${If} $1 == ""
      ${If} $0 == ""
        WriteRegExpandStr HKCU "Environment" "Path" "$INSTDIR"
      ${Else}
        WriteRegExpandStr HKCU "Environment" "Path" "$0;$INSTDIR"
      ${EndIf}
      SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
    ${EndIf}
  ${EndIf}
SectionEnd

!insertmacro MUI_FUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${PATH_SECTION} "Terminals that you open from now on know the command mta-sts."
!insertmacro MUI_FUNCTION_DESCRIPTION_END

Function .onInit
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/NOPATH" $1
  ${IfNot} ${Errors}
    SectionSetFlags ${PATH_SECTION} 0
  ${EndIf}
FunctionEnd

; What the person made stays: the work in AppData and every saved file.
Section "Uninstall"
  Call un.StopWhileRunning
  Delete "$INSTDIR\${PROGRAM}"
  Delete "$INSTDIR\mta-sts.exe"
  Delete "$INSTDIR\README.txt"
  Delete "$INSTDIR\CHANGELOG.txt"
  Delete "$INSTDIR\LICENSE-MIT.txt"
  Delete "$INSTDIR\LICENSE-APACHE.txt"
  Delete "$INSTDIR\licences.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  !insertmacro ReadPath
  ${UnStrStr} $2 ";$0;" ";$INSTDIR;"
  ${If} $1 == ""
  ${AndIf} $2 != ""
    ${UnStrRep} $2 ";$0;" ";$INSTDIR;" ";"
    ; Without the two semicolons that were added around it.
    StrCpy $2 $2 -1 1
    ${If} $2 == ""
      DeleteRegValue HKCU "Environment" "Path"
    ${Else}
      WriteRegExpandStr HKCU "Environment" "Path" $2
    ${EndIf}
    SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
  ${EndIf}
  DeleteRegKey HKCU "${KEY}"
SectionEnd
