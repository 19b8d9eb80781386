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
!macro StopWhileRunning UN
Function ${UN}StopWhileRunning
  ${Do}
    StrCpy $1 ""
    ${If} ${FileExists} "$INSTDIR\${PROGRAM}"
      ClearErrors
      FileOpen $0 "$INSTDIR\${PROGRAM}" a
      ${If} ${Errors}
        StrCpy $1 running
      ${Else}
        FileClose $0
      ${EndIf}
    ${EndIf}
    ${If} $1 == ""
      Return
    ${EndIf}
    MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION \
      "${NAME} is running. Close its window, then press Retry. Nothing has been changed." \
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

Section "Add the command mta-sts to the PATH" PATH_SECTION
  ReadRegStr $0 HKCU "Environment" "Path"
  ${StrStr} $1 ";$0;" ";$INSTDIR;"
  StrLen $2 "$0;$INSTDIR"
  ${If} $1 == ""
    ; A longer PATH would be cut here, so it stays as it is.
    ${If} $2 < ${NSIS_MAX_STRLEN}
      ${If} $0 == ""
        WriteRegExpandStr HKCU "Environment" "Path" "$INSTDIR"
      ${Else}
        WriteRegExpandStr HKCU "Environment" "Path" "$0;$INSTDIR"
      ${EndIf}
      SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
    ${Else}
      DetailPrint "The PATH is too long to be changed. The command is in $INSTDIR."
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
  ReadRegStr $0 HKCU "Environment" "Path"
  StrLen $1 $0
  StrCpy $3 $0
  ${If} $1 < ${NSIS_MAX_STRLEN}
    ${UnStrRep} $2 ";$0;" ";$INSTDIR;" ";"
    ; Without the two semicolons that were added around it.
    StrCpy $2 $2 -1 1
    ${If} $2 == ""
      DeleteRegValue HKCU "Environment" "Path"
    ${ElseIf} $2 != $3
      WriteRegExpandStr HKCU "Environment" "Path" $2
    ${EndIf}
    SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
  ${EndIf}
  DeleteRegKey HKCU "${KEY}"
SectionEnd
